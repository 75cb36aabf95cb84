import { afterAll } from '@jest/globals';
import { loadStrategy } from '../../../mock-platform/strategies/index.js';
import type { Strategy } from '../../../mock-platform/strategies/model.js';
import { file, removeFolders } from '../../support/files.js';

afterAll(removeFolders);

/** A step that asks ValidateContact, and three ways on. */
export const REACH = `
name: Reach
data: { Id: "+16315551002", Segment: gold, Tries: 3 }
steps:
  - id: ask
    externalService:
      appName: DMS
      service: Messaging
      method: ValidateContact
      parameters: { Id: "{{Id}}", Tries: "{{Tries}}", List: { Greeting: "Hello {{Segment}}" } }
      userData: { Segment: "{{Segment}}" }
      timeoutMs: 5000
    save: contact
    on:
      response:
        - when: { Id: { empty: false } }
          go: whatsapp
        - go: sms
      fault: { 904: email, other: sms }
      timeout: sms
  - id: whatsapp
    assign: { Address: "{{contact.Id}}" }
  - id: to-whatsapp
    routeTo: WhatsApp {{Segment}}
  - id: sms
    routeTo: SMS
  - id: email
    routeTo: E-mail
`;

/** A strategy from a text. */
export const strategyOf = (text: string): Strategy => loadStrategy(file('strategy.yaml', text));

/** A strategy whose step `ask` has this `on`, with routeTo steps a and b, and `retry`, which leads back to it. */
export const branching = (on: string, data = '{ Segment: gold, Limit: 10 }'): Strategy =>
  strategyOf(`
name: Branching
data: ${data}
steps:
  - id: start
    assign: { Started: 1 }
  - id: ask
    externalService: { appName: DMS, service: Billing, method: GetBalance }
    save: bill
    on: ${on}
  - id: retry
    assign: { Again: 1 }
    go: ask
  - id: a
    routeTo: A
  - id: b
    routeTo: B
`);
