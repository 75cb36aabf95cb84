import type { EspRequest } from '../esp/index.js';
import type { Metrics } from '../telemetry/index.js';
import type { Deadlines } from './deadlines.js';
import type { EspMethodHandler, MethodDefinition } from './method.js';
import { Failures, type Outcome, outcomeOf } from './outcomes.js';
import { type ParameterReader, parameterReader } from './parameters.js';
import { type ResultWriter, resultWriter } from './response.js';

/** A method with everything that its requests need. */
export interface RegisteredMethod {
  readonly definition: MethodDefinition;
  readonly handler: EspMethodHandler;
  readonly read: ParameterReader;
  readonly write: ResultWriter;
  readonly answered: Outcome;
  readonly failures: Failures;
  readonly deadlines: Deadlines;
}

/** The methods of a host, by Service and Method. */
export class MethodTable {
  readonly #services = new Map<string, Map<string, RegisteredMethod>>();

  constructor(private readonly metrics: Metrics) {}

  register(definition: MethodDefinition, handler: EspMethodHandler, deadlines: Deadlines): void {
    const { service, method } = definition;
    const methods = this.#services.get(service) ?? new Map<string, RegisteredMethod>();
    this.#services.set(service, methods);
    methods.set(method, {
      definition,
      handler,
      read: parameterReader(definition.parameters),
      write: resultWriter(definition.response),
      answered: outcomeOf(this.metrics, service, method, 'response'),
      failures: new Failures(this.metrics, service, method),
      deadlines,
    });
  }

  find({ service, method }: EspRequest): RegisteredMethod | undefined {
    return this.#services.get(service)?.get(method);
  }

  hasService(service: string): boolean {
    return this.#services.has(service);
  }

  get definitions(): MethodDefinition[] {
    return [...this.#services.values()].flatMap((methods) => [...methods.values()].map(({ definition }) => definition));
  }
}
