import { z } from 'esp-host';
import { compileCondition, type Report, type Scalars } from './condition.js';

/** Reports problems to zod. */
export const reportTo =
  (context: z.RefinementCtx): Report =>
  (path, message) =>
    context.addIssue({ code: 'custom', path: [...path], message });

/** A condition on a value. */
export const conditionSchema = <C>(scalars: Scalars) =>
  z.custom<C>().superRefine((value, context) => void compileCondition(value, scalars, reportTo(context)));

/** Conditions by name. Refuses `__proto__`, because a zod record ignores it, and the stub would match any value. */
export const conditionsSchema = <C>(scalars: Scalars) =>
  z
    .unknown()
    .superRefine((value, context) => {
      if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) {
        reportTo(context)(['__proto__'], 'must have another name');
      }
    })
    .pipe(z.record(z.string(), conditionSchema<C>(scalars)));

/** Milliseconds that delay an answer. */
export const delayMs = () => z.int().min(0).max(0x7fffffff).optional();

/** A stub with its match and its answers. */
export const stubSchemaOf = <Match extends z.ZodType, Answer extends z.ZodType>(match: Match, answer: Answer) =>
  z
    .strictObject({
      name: z.string().min(1, 'must not be empty').optional(),
      disabled: z.boolean().optional(),
      scenario: z.string().min(1, 'must be the name of a scenario').optional(),
      match: match.optional(),
      answer: answer.optional(),
      answers: z.array(answer).min(1, 'must have at least one answer').optional(),
    })
    .superRefine((stub, context) => {
      if ((stub.answer === undefined) === (stub.answers === undefined)) {
        reportTo(context)([], 'must have either answer or answers');
      }
    });
