import { z } from 'esp-host';

/** A parameter with a phone number, as `PhoneNumbers.normalise` reads it. @param what begins its description */
export const phoneNumberOf = (what: string) =>
  z
    .string()
    .regex(/\p{Nd}/u, 'no digits')
    .describe(`${what}; without a leading plus, of the country of the number that the channel has`);
