import { APPROVERS, OPERATORS } from "../slack/workspace-seed.ts";
import { BILLING_APPROVALS, FINANCE } from "./workspace.ts";

const DAY_MS = 24 * 3_600_000;
const FROZEN_DAYS = 3;

/** The demo's policy file as YAML. `now` in ms: its freeze has begun today and lasts three more days, in UTC. */
export function demoPolicy(now: number): string {
  const day = (days: number): string => new Date(now + days * DAY_MS).toISOString().slice(0, 10);
  return `# yaml-language-server: $schema=../schema/policy.json
# The policy of the demo. Edit it while the demo runs: flinkops follows within two seconds, and says so in the demo's
# log. The demo writes it anew at each start. docs/policy.md explains every key.

people:
  operators: { groups: [${OPERATORS}] } # @flink-operators: Ana, Ben, Cem
  approvers: { groups: [${APPROVERS}] } # @flink-approvers: Ben, Cem
  finance: { groups: [${FINANCE}] } # @finance: Nia, Omar

rules: # the first that matches decides
  - name: no drain
    clusters: [billing, reports]
    operations: [stop]
    when: has(change.drain) && change.drain
    ask: [operators]
    refuse: "A drained job ends for good. Ask in #billing-approvals."

  - name: two approvers
    clusters: [billing]
    classes: [destructive]
    ask: [operators]
    approve: [{ from: [approvers] }, { from: [finance] }] # two different people
    within: 30m

  - name: destructive
    classes: [destructive]
    ask: [operators]
    approve: [{ from: [approvers] }]

  - name: unlock # finance approves there, so it also lifts locks there
    clusters: [billing]
    operations: [unlock]
    ask: [operators, approvers, finance]
    allow: true

  - name: operate
    classes: [operate, lock]
    ask: [operators]
    allow: true

freezes:
  - name: month-end closing
    from: ${day(0)}T00:00
    until: ${day(FROZEN_DAYS)}T08:00
    zone: UTC
    clusters: [reports]
    why: the statements of this month are being written

breakGlass: # at once, without approval and during a freeze; announced first, and reviewed by someone else
  - name: emergency
    people: [operators]
    clusters: [billing, reports]
    operations: [cancel, stop, restart, scale]
    review: [approvers, finance]
    announce: ${BILLING_APPROVALS} # #billing-approvals

tests: # flinkops does not take over a policy whose tests fail
  - { as: operators, say: stop demo/orders, expect: { approve: [{ from: [approvers] }] } }
  - { as: member, say: stop demo/orders, expect: refuse, rule: destructive }
  - { as: operators, say: scale demo/orders 2, expect: allow }
  - { as: member, say: status billing/ledger, expect: allow }
  - as: operators
    say: stop billing/ledger
    in: ${BILLING_APPROVALS}
    expect: { approve: [{ from: [approvers] }, { from: [finance] }] }
  - { as: finance, say: cancel billing/ledger, expect: refuse, rule: two approvers }
  - { as: operators, say: cancel billing/invoices --break-glass "sent twice", expect: break-glass }
  - { as: member, say: cancel billing/invoices --break-glass "sent twice", expect: refuse }
  - as: operators
    say: stop billing/ledger --drain
    with: { change: { drain: true } }
    expect: refuse
    because: "#billing-approvals"
  - { as: operators, say: savepoint reports/statements, at: "${day(1)}T12:00Z", expect: allow }
  - { as: operators, say: scale reports/statements 2, at: "${day(1)}T12:00Z", expect: refuse, because: month-end }
  - as: operators
    say: scale reports/statements 2 --break-glass "too slow"
    at: "${day(1)}T12:00Z"
    expect: break-glass
  - { as: operators, say: scale reports/statements 2, at: "${day(FROZEN_DAYS)}T08:00Z", expect: allow }
`;
}
