import { api } from '../api/api.js';
import type { StrategyFile } from '../api/types.js';
import { go } from '../shell/navigation.js';
import { type Route, routeHash } from '../shell/routes.js';
import { changes } from '../state/session.js';
import { useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { Button, Empty, Problem, ViewHead } from '../ui/parts.js';
import { Strategy } from './strategy.js';

export function StrategiesView({ route }: { readonly route: Route }) {
  const { files } = useStore(changes);
  const { data, problem, reload } = useResource(api.strategies, [files]);
  const [file, part] = route.parts;
  const shown = data?.find((one) => one.file === file) ?? data?.[0];
  return (
    <>
      <ViewHead title="Strategies" note="Run a routing strategy through the platform and see its path.">
        <Button icon="resend" title="Reload the files" onClick={reload}>
          Reload
        </Button>
      </ViewHead>
      <Problem>{problem}</Problem>
      {data === undefined && <Empty>Loading…</Empty>}
      {data?.length === 0 && <Empty>No strategies. Add one to the folder strategies/.</Empty>}
      {data !== undefined && shown !== undefined && (
        <Strategy key={shown.file} strategy={shown} isEdited={part === 'edit'}>
          <Files files={data} shown={shown} />
        </Strategy>
      )}
    </>
  );
}

const Files = ({ files, shown }: { readonly files: readonly StrategyFile[]; readonly shown: StrategyFile }) => (
  <select
    class="files"
    aria-label="Strategy"
    value={shown.file}
    onChange={({ currentTarget }) => go(routeHash('strategies', [currentTarget.value]))}
  >
    {files.map(({ file, name, problems = [] }) => (
      <option key={file} value={file}>
        {`${name} (${file}${problems.length > 0 ? ', cannot be read' : ''})`}
      </option>
    ))}
  </select>
);
