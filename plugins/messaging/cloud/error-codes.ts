/**
 * What an error of Cloud API means for the message:
 * `access`, not sent, the token or its permissions are wrong; `configuration`, not sent, something else must be set
 * right; `permanent`, not sent, and not the next time either; `later`, not sent, a later attempt may succeed;
 * `not-soon`, not sent, an attempt within hours will fail too; `unknown`, it may have been sent.
 */
export type Effect = 'access' | 'configuration' | 'permanent' | 'later' | 'not-soon' | 'unknown';

export interface ErrorMeaning {
  readonly effect: Effect;
  /** In our words: Meta changes its titles. */
  readonly text: string;
}

interface Row extends ErrorMeaning {
  readonly code: number;
  /** The last code of a range. @default code */
  readonly to?: number;
}

const row = (code: number, effect: Effect, text: string): Row => ({ code, effect, text });

/** The message cannot be delivered, which may mean that the number is not on WhatsApp. */
export const UNDELIVERABLE = 131026;

/** Meta has blocked the business account: someone must act. */
export const BLOCKED: readonly number[] = [368, 131031];

/** (Meta, WhatsApp error codes) The first row of a code counts. */
export const ERROR_CODES: readonly Row[] = [
  row(0, 'access', 'the token was not accepted'),
  row(3, 'access', 'the app lacks a permission'),
  row(10, 'access', 'the app lacks a permission'),
  row(190, 'access', 'the token has expired'),
  { ...row(200, 'access', 'the app lacks a permission'), to: 299 },
  row(131005, 'access', 'the app lacks a permission'),

  row(33, 'permanent', 'the phone number id does not exist'),
  row(100, 'permanent', 'a parameter is unknown or invalid'),
  row(131008, 'permanent', 'a parameter is missing'),
  row(131009, 'permanent', 'a parameter has an invalid value'),

  row(368, 'configuration', 'the business account is restricted for a violation of policy'),
  row(131031, 'configuration', 'the business account is locked'),
  row(131037, 'configuration', 'the display name of the phone number is not approved'),
  row(131042, 'configuration', 'the payment method of the business account fails'),
  row(131045, 'configuration', 'the phone number has no valid certificate'),
  { ...row(133000, 'configuration', 'the phone number is not registered correctly'), to: 133016 },

  row(4, 'later', 'the app makes too many calls'),
  row(80007, 'later', 'the business account makes too many calls'),
  row(130429, 'later', 'the phone number sends too many messages'),
  row(131056, 'later', 'too many messages to this customer'),
  row(131057, 'later', 'the business account is under maintenance'),

  row(131048, 'not-soon', 'the phone number is limited: too many of its messages were blocked or reported as spam'),
  row(130472, 'not-soon', 'the customer is part of an experiment of Meta'),
  row(131049, 'not-soon', 'Meta limits the marketing messages of this customer'),
  row(131050, 'permanent', 'the customer has stopped marketing messages'),

  row(131021, 'permanent', 'the recipient is the sender'),
  row(UNDELIVERABLE, 'permanent', 'undeliverable: not on WhatsApp, an old client, or terms not accepted'),
  row(131030, 'permanent', 'the recipient is not in the list of the test number'),
  row(131047, 'permanent', 'more than 24 hours since the last message of the customer: only templates can be sent'),
  row(131051, 'permanent', 'the type of message is not supported'),
  row(131052, 'permanent', 'the media cannot be downloaded'),
  row(131053, 'permanent', 'the media cannot be uploaded'),

  row(132000, 'permanent', 'the template has another number of parameters'),
  row(132001, 'permanent', 'the template does not exist in this language, or is not approved'),
  row(132005, 'permanent', 'the text of the template is too long'),
  row(132007, 'permanent', 'the text of the template violates a policy'),
  row(132012, 'permanent', 'a parameter has another format than in the template'),
  row(132015, 'permanent', 'the template is paused'),
  row(132016, 'permanent', 'the template is disabled'),

  row(1, 'unknown', 'the API failed'),
  row(2, 'unknown', 'the API is unavailable'),
  row(131000, 'unknown', 'the API failed'),
  row(131016, 'unknown', 'the API is unavailable'),
];

/** What a code means, or undefined for one that the table does not have. */
export const meaningOf = (code: number): ErrorMeaning | undefined =>
  ERROR_CODES.find(({ code: from, to = from }) => code >= from && code <= to);

/**
 * Whether a code means what the table says with a status of 500 or above too: it is one of WhatsApp, or documented with
 * such a status (1 to 3). The others of the Graph API, such as 0 and 100, come with any failure.
 */
export const isSpecific = (code: number): boolean => code >= 130_000 || [1, 2, 3, 190, 368, 80_007].includes(code);
