export { type FaultStatus, Faults, type FaultsOptions } from './faults.js';
export { type FaultDefinition, type FaultRule, faultRule, parseFaultRule } from './rule.js';
