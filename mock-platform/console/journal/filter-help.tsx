import { Dialog } from '../ui/dialog.js';

const TERMS: readonly (readonly [term: string, meaning: string])[] = [
  ['invalid "two words"', 'texts that the line has somewhere, in any case'],
  ['service:Messaging', 'part of the name of the service'],
  ['method:validate', 'part of the name of the method'],
  ['outcome:fault', 'response, fault, none (never answered), lost (connection), pending'],
  ['code:904', 'the FaultCode'],
  ['client:50123', 'part of the address of the client, or of what it came through'],
  ['application:DMS', 'part of the name of the application that answered'],
  ['stub:name, injected:delay', 'answered by a stub, met by a fault that was switched on'],
  ['ms:>100, ms:<5', 'slower, or faster'],
  ['id:17', 'one request'],
  ['-outcome:response', 'a minus: everything else'],
];

export const FilterHelp = ({ onClose }: { onClose(): void }) => (
  <Dialog title="What a filter can say" onClose={onClose}>
    <p>All terms must match.</p>
    <dl class="keys keys-wide">
      {TERMS.map(([term, meaning]) => (
        <div key={term}>
          <dt>
            <code>{term}</code>
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  </Dialog>
);
