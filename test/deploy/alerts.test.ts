import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { file, ROOT, removeFolders } from '../support/files.js';
import { prometheusDescribe, promtool } from '../support/prometheus.js';
import { type AlertCase, CASES, INSTANCE } from './alert-cases.js';

afterAll(removeFolders);

const RULES = join(ROOT, 'deploy/alerts.yaml');

interface Rule {
  readonly alert: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
}
const { groups } = parse(readFileSync(RULES, 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

it.each(rules)('$alert has cases in which it fires and in which it is silent', ({ alert }) => {
  const fires = (CASES[alert] ?? []).map((one) => one.fires !== undefined);
  expect([fires.includes(true), fires.includes(false)]).toEqual([true, true]);
});

it.each(rules.filter((rule) => rule.for !== undefined))('$alert has a case in which it is pending', ({ alert }) => {
  expect((CASES[alert] ?? []).filter(({ pendingAt }) => pendingAt !== undefined)).not.toEqual([]);
});

it('cases are of alerts that exist', () => {
  expect(Object.keys(CASES).sort()).toEqual(rules.map(({ alert }) => alert).sort());
});

prometheusDescribe('promtool', () => {
  it('accepts the rules', async () => {
    expect(await promtool(['check', 'rules', RULES])).toMatchObject({ code: 0 });
  });

  it('fires each alert when it should, and only for hosts', async () => {
    const cases = rules.flatMap((rule) => (CASES[rule.alert] ?? []).map((one) => [rule, one] as const));
    const ofOthers = cases.filter(([, { fires, series }]) => fires !== undefined && Object.keys(series).length > 0);
    const tests = [
      ...cases.map(([rule, one]) => unitTest(rule, one)),
      ...ofOthers.map(([rule, one]) => unitTestOfOther(rule, one)),
    ];
    const tested = file('alerts.test.yaml', stringify({ rule_files: [RULES], evaluation_interval: '15s', tests }));
    expect(await promtool(['test', 'rules', tested])).toEqual({
      code: 0,
      text: expect.stringMatching(/^Unit Testing: .*\n {2}SUCCESS\n+$/),
    });
  }, 120_000);
});

/** A test as promtool reads it, of series of one job. */
function unitTest(rule: Rule, { series, at, pendingAt, fires }: AlertCase, job = 'esp-host') {
  const values = Object.entries(series).map(([name, points]) => ({ series: labelled(name, job), values: points }));
  const expected = fires && {
    exp_labels: { ...fires.labels, ...rule.labels },
    exp_annotations: { summary: fires.summary },
  };
  return {
    name: `${rule.alert} ${fires === undefined ? 'is silent' : 'fires'} (job ${job})`,
    interval: '15s',
    input_series: values,
    alert_rule_test: [
      ...(pendingAt === undefined ? [] : [{ eval_time: pendingAt, alertname: rule.alert, exp_alerts: [] }]),
      { eval_time: at, alertname: rule.alert, exp_alerts: expected === undefined ? [] : [expected] },
    ],
  };
}

/** What makes an alert fire for hosts does not for anything else that Prometheus watches. */
const unitTestOfOther = (rule: Rule, { series, at }: AlertCase) => unitTest(rule, { series, at }, 'other');

function labelled(series: string, job: string): string {
  const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(series) ?? [];
  const instance = labels.includes('instance=') ? [] : [`instance="${INSTANCE}"`];
  return `${name}{${[`job="${job}"`, ...instance, ...(labels === '' ? [] : [labels])].join(',')}}`;
}
