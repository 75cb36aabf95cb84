import { InvalidArgumentError } from 'commander';

export interface MethodName {
  readonly service: string;
  readonly method: string;
}

/** `Service.Method`; a Service may have dots. @throws InvalidArgumentError */
export function serviceMethod(text: string): MethodName {
  const dot = text.lastIndexOf('.');
  if (dot < 1 || dot === text.length - 1) throw new InvalidArgumentError('it is written Service.Method.');
  return { service: text.slice(0, dot), method: text.slice(dot + 1) };
}
