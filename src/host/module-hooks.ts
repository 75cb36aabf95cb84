import { registerHooks } from 'node:module';

type Hooks = Parameters<typeof registerHooks>[0];

/**
 * Registers module hooks; false where they are not to be had: jest refuses them, and its own loader transforms
 * TypeScript and maps `esp-host` instead.
 */
export function hookModules(hooks: Hooks): boolean {
  try {
    registerHooks(hooks);
    return true;
  } catch {
    return false;
  }
}
