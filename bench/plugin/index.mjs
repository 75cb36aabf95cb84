import { definePlugin, EspMethod, z } from 'esp-host';

/** Answers at once: what is measured is the host, not a method. */
class Answer {
  handle(call) {
    return { Id: call.parameters.Id };
  }
}
EspMethod('Bench', 'Answer', {
  parameters: z.object({ Id: z.string() }),
  response: z.object({ Id: z.string() }),
})(Answer);

export default definePlugin({ name: 'bench', methods: [Answer] });
