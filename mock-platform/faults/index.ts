export { type FaultStatus, Faults, type FaultsOptions } from './faults.js';
export {
  type AnyFault,
  type FaultDefinition,
  type FaultOfRequests,
  type FaultOfUpstream,
  type FaultRule,
  faultRule,
  parseFaultRule,
} from './rule.js';
