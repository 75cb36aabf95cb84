export { Causes, type CausingRequest } from './causes.js';
export { type AppliedFault, type FaultStatus, Faults, type FaultsOptions } from './faults.js';
export {
  type AnyFault,
  type BroughtKind,
  type FaultDefinition,
  type FaultMatch,
  type FaultOfCalls,
  type FaultOfMock,
  type FaultOfRequests,
  type FaultOfUpstream,
  type FaultRule,
  faultTitle,
  kindSchemas,
  parseFaultRule,
} from './rule.js';
