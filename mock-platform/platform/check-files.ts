import { existsSync, statSync } from 'node:fs';
import { KeyValueList } from 'esp-host';
import { ConfigErrors, type LoadedFile, loadConfig, loadPlugin, methodName, type Problem } from '#server';
import { charset } from '#wire';
import { Applications, type NamedApplication, type PlatformConfig } from '../configuration/index.js';
import { loadRecording } from '../recording/index.js';
import { loadApplications, type PlatformApplication } from '../runtime/index.js';
import {
  type Asked,
  type CaseStubs,
  checkAsked,
  loadStrategies,
  type TestCase,
  type Unanswered,
} from '../strategies/index.js';
import { loadHttpStubs, loadStubs, type StubSet } from '../stubs/index.js';
import { checkSettings, notStubbed } from './case-run.js';
import { blockTimeoutWarnings, serverTimeoutWarnings } from './timeout-warnings.js';
import { lenientEnvironment, loadWorld, type World, worldFromConfig } from './world.js';

/** A file that `checkFile` checks; `strategies` is also a folder of them. */
export type CheckedKind = 'platform' | 'stubs' | 'http-stubs' | 'strategies' | 'recording';

/** The files around a strategy, which say what its steps can ask. */
export interface Surroundings {
  /** config.yaml. */
  readonly config?: string | undefined;
  /** platform.yaml. @default the application of config.yaml */
  readonly platform?: string | undefined;
}

/** A valid file. */
export interface CheckedFile {
  /** What it holds, such as `3 stubs`. */
  readonly holds: string;
  readonly warnings: readonly Problem[];
}

/** Checks a file, without starting anything. @throws ConfigError, RecordingError */
export async function checkFile(kind: CheckedKind, file: string, around: Surroundings): Promise<CheckedFile> {
  switch (kind) {
    case 'platform':
      return checkPlatform(file, around);
    case 'stubs':
      return holding(counted(loadStubs(file).config.stubs.length, 'stub'));
    case 'http-stubs':
      return holding(counted(loadHttpStubs(file).config.stubs.length, 'HTTP stub'));
    case 'strategies':
      return checkStrategies(file, await answersIn(around));
    case 'recording':
      return holding(counted(loadRecording(file, charset('utf-8')).length, 'message'));
  }
}

const holding = (holds: string): CheckedFile => ({ holds, warnings: [] });

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

async function checkPlatform(path: string, { config }: Surroundings): Promise<CheckedFile> {
  const { file, upstreams } = await loadWorld(path);
  const { strategies } = file.config;
  const named = strategies === undefined ? [] : [await checkNamed(file, strategies, { config, platform: path })];
  const parts = [
    counted(loadApplications(file).length, 'application'),
    counted(upstreams.length, 'upstream'),
    ...named.map(({ holds }) => holds),
  ];
  const warnings = [...serverTimeoutWarnings(file, config), ...named.flatMap((one) => one.warnings)];
  return { holds: parts.join(', '), warnings };
}

/** Checks the strategies that platform.yaml names. */
async function checkNamed(file: LoadedFile<PlatformConfig>, path: string, around: Surroundings): Promise<CheckedFile> {
  if (!existsSync(path)) throw file.problem(['strategies'], `cannot be read (ENOENT): ${path}`);
  return checkStrategies(path, await answersIn(around));
}

function checkStrategies(path: string, answers: Answers | undefined): CheckedFile {
  const strategies = loadStrategies(path);
  const errors = new ConfigErrors();
  for (const { file, tests } of strategies) {
    errors.attempt(() => checkAsked(file, (asked) => answers?.unanswered(asked)));
    for (const test of tests) answers?.checkCase(test, errors);
  }
  errors.throwAny();
  const cases = strategies.reduce((sum, { tests }) => sum + tests.length, 0);
  const tests = counted(cases, 'test case');
  return {
    holds: statSync(path).isDirectory() ? `${strategies.length} strategies, ${tests}` : tests,
    warnings: strategies.flatMap(({ file }) => answers?.warnings(file) ?? []),
  };
}

/** The methods that an application answers; undefined for one outside, which may have any. */
type Methods = readonly string[] | undefined;

type KnownApplication = NamedApplication & { readonly methods: Methods; readonly isStubbed: boolean };

/** Undefined if nothing says what strategies can ask. */
async function answersIn({ config, platform }: Surroundings): Promise<Answers | undefined> {
  if (platform === undefined && config === undefined) return undefined;
  const world = await (platform === undefined ? worldFromConfig(config ?? '') : loadWorld(platform));
  const host = config === undefined ? undefined : await methodsOfPlugins(config);
  const applications = loadApplications(world.file).map((one) => ({
    ...{ name: one.name, type: one.type, typeName: one.typeName, isStubbed: one.stubs !== undefined },
    methods: methodsOf(one, host),
  }));
  return new Answers(applications, world, platform);
}

/** The methods of the plugins; undefined if one of them cannot be loaded. */
async function methodsOfPlugins(path: string): Promise<Methods> {
  const { config, directory } = loadConfig(path, lenientEnvironment());
  try {
    const plugins = await Promise.all(config.plugins.map(({ use }) => loadPlugin(use, directory, true)));
    return plugins.flatMap(({ methods }) => methods.flatMap((method) => methodName(method) ?? []));
  } catch {
    return undefined;
  }
}

function methodsOf(application: PlatformApplication, host: Methods): Methods {
  if (application.stubs === undefined) return application.address === 'host' ? host : undefined;
  return methodsOfStubs(application.stubs);
}

/** Undefined if a stub matches every service or method. */
function methodsOfStubs(stubs: StubSet): Methods {
  const matches = stubs.enabled().map(({ definition }) => definition.match ?? {});
  if (stubs.answersUnmatched || matches.some(({ service, method }) => (service ?? method) === undefined)) {
    return undefined;
  }
  return matches.map(({ service, method }) => `${service ?? '*'}.${method ?? '*'}`);
}

/** What the applications around a strategy answer. */
class Answers {
  readonly #applications: Applications<KnownApplication>;

  /** @param platform the file that lists all applications; undefined if there may be others */
  constructor(
    private readonly all: readonly KnownApplication[],
    private readonly world: World,
    private readonly platform: string | undefined,
  ) {
    this.#applications = new Applications(all);
  }

  /** Checks what a case sets on the platform, except the faults of mocks. */
  checkCase({ stubs, upstreamStubs, upstreams }: TestCase, errors: ConfigErrors): void {
    const applications = this.all.filter(({ isStubbed }) => isStubbed).map(({ name }) => name);
    const { config } = this.world.file;
    const stubbed = Object.keys(config.upstreams).filter((name) => config.upstreams[name]?.stubs !== undefined);
    checkOwners(stubs, 'stubbed application', applications, errors);
    checkOwners(upstreamStubs, 'stubbed upstream', stubbed, errors);
    for (const one of upstreams) errors.attempt(() => checkSettings(this.world.upstreams, one));
  }

  /** About a valid strategy. */
  warnings(strategy: string): readonly Problem[] {
    return blockTimeoutWarnings(strategy, this.world.file);
  }

  unanswered(asked: Asked): Unanswered | undefined {
    const { appName, appType, service, method } = asked;
    const found = this.#asked(asked);
    const [first] = found;
    if (first === undefined) return this.platform === undefined ? undefined : this.#noApplication(appName, appType);
    if (found.some(({ methods }) => methods === undefined || methods.some((one) => isMethod(one, service, method))))
      return undefined;
    const name = `${service}.${method}`;
    const choices = found.flatMap(({ methods = [] }) => methods);
    const message = `asks ${first.name} for ${name}, which no plugin or stub of it has`;
    return { key: 'method', message, choices, word: name };
  }

  #asked({ appName, appType }: Asked): readonly KnownApplication[] {
    if (appName !== undefined) return this.#applications.all.filter(({ name }) => name === appName);
    const [entry] = KeyValueList.from({ AppType: appType ?? '' }).entries;
    return entry === undefined ? [] : this.#applications.ofType(entry);
  }

  #noApplication(appName: string | undefined, appType: string | number | undefined): Unanswered {
    if (appName === undefined) {
      const message = `is the type of no application in ${this.platform}`;
      return { key: 'appType', message, choices: [], word: String(appType) };
    }
    const choices = this.all.map(({ name }) => name);
    const message = `is no application of ${this.platform}, which has ${choices.join(', ') || 'none'}`;
    return { key: 'appName', message, choices, word: appName };
  }
}

function checkOwners(all: readonly CaseStubs[], what: string, known: readonly string[], errors: ConfigErrors): void {
  for (const { owner, problem } of all) {
    errors.attempt(() => {
      if (!known.includes(owner)) throw problem(notStubbed(what, known), known);
    });
  }
}

/** `known` may have a `*`. */
function isMethod(known: string, service: string, method: string): boolean {
  return [`${service}.${method}`, `${service}.*`, `*.${method}`].includes(known);
}
