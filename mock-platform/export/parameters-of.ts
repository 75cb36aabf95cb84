import { KeyValueList } from 'esp-host/wire';

/** The Parameters of a message's Request list; none where there is no such list. */
export function parametersOf(list: KeyValueList | undefined): KeyValueList {
  const entry = list?.find('Parameters');
  return entry?.type === 'list' ? entry.value : new KeyValueList();
}
