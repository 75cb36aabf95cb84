import { ConnectionFailedError, definePlugin, EspMethod, z } from 'esp-host';

/** Methods that answer at once: what is measured is the host, not a method. BENCH_METHODS says how many of `Answer`. */
const METHODS = Number(process.env.BENCH_METHODS ?? 1);

const parameters = z.object({ Id: z.string() });
const response = z.object({ Id: z.string() });

function method(name, handle, schemas = { parameters, response }) {
  const handler = class {
    handle(call) {
      return handle(call);
    }
  };
  EspMethod('Bench', name, schemas)(handler);
  return handler;
}

const answer = (call) => ({ Id: call.parameters.Id });

const length = {
  parameters: z.object({ Text: z.string() }),
  response: z.object({ Length: z.int() }),
};

export default definePlugin({
  name: 'bench',
  methods: [
    ...Array.from({ length: METHODS }, (_, index) => method(index === 0 ? 'Answer' : `Answer${index}`, answer)),
    method('Later', async (call) => answer(call)),
    method('Length', (call) => ({ Length: call.parameters.Text.length }), length),
    method('Away', () => {
      throw new ConnectionFailedError('whatsapp', 'http://127.0.0.1:9090');
    }),
    method('Hang', () => new Promise(() => undefined)),
    method('Log', (call) => {
      call.logger.info('asked');
      return answer(call);
    }),
  ],
});
