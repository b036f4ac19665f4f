import {
  ANA,
  BEN,
  BOT,
  channel,
  DORA,
  defaultSeed,
  type Enterprise,
  EVE,
  FLINK_OPS,
  HOME_TEAM,
  OUTSIDE_TEAM,
  type Seed,
  user,
} from "./workspace-seed.ts";

/** The organization that the workspace Acme belongs to, and the one of Globex. */
export const ENTERPRISE = "E0ACMEORG1";
export const OTHER_ENTERPRISE = "E0GLOBEX01";
/** Another workspace of Acme's organization. */
export const SISTER_TEAM = "T0SISTER01";
/** In our workspace; Slack's `team_id` names the other one. */
export const FAY = "W0FAY00001";
/** In our workspace; Slack sends no `team_id` for him. */
export const ILO = "U0ILO00001";
/** In the other workspace only. */
export const HAL = "W0HAL00001";
/** In the other workspace only, as a guest. */
export const KIM = "W0KIM00001";
/** In our workspace, deactivated. */
export const LEO = "W0LEO00001";
/** Shared by both workspaces of the organization. */
export const ORG_OPS = "C0ORGOPS01";

/** The workspace "Acme" as a part of an Enterprise Grid organization, whose people the app meets. */
export const gridSeed = (): Seed => {
  const seed = defaultSeed();
  const acme: Enterprise = { id: ENTERPRISE, name: "Acme Group" };
  const globex: Enterprise = { id: OTHER_ENTERPRISE, name: "Globex Group" };
  const inBoth = { enterprise: acme, teams: [SISTER_TEAM, HOME_TEAM] };
  const inSister = { enterprise: acme, teams: [SISTER_TEAM] };
  const ofHome = seed.users.map((one) => ({ ...one, grid: { enterprise: acme, teams: [HOME_TEAM] } }));
  return {
    ...seed,
    home: { ...seed.home, enterprise: acme },
    outside: { ...seed.outside, enterprise: globex },
    users: [
      ...ofHome.filter((one) => one.id !== EVE),
      user(EVE, "eve", "Eve Evans", {
        teamId: OUTSIDE_TEAM,
        grid: { enterprise: globex, teams: [OUTSIDE_TEAM] },
      }),
      user(FAY, "fay", "Fay Flores", { teamId: SISTER_TEAM, grid: inBoth }),
      user(ILO, "ilo", "Ilo Ivanov", { teamId: null, grid: inBoth }),
      user(HAL, "hal", "Hal Hansen", { teamId: SISTER_TEAM, grid: inSister }),
      user(KIM, "kim", "Kim Kaya", { teamId: SISTER_TEAM, grid: inSister, isRestricted: true }),
      user(LEO, "leo", "Leo Lang", { teamId: SISTER_TEAM, grid: inBoth, deleted: true }),
    ],
    groups: seed.groups.map((group) => ({ ...group, users: [...group.users, FAY, HAL] })),
    channels: [
      ...seed.channels.map((one) =>
        one.id === FLINK_OPS ? { ...one, members: [...one.members, FAY, ILO] } : one,
      ),
      {
        ...channel(ORG_OPS, "org-ops", "Both workspaces", [ANA, BEN, DORA, FAY, HAL, KIM, BOT]),
        isOrgShared: true,
      },
    ],
  };
};
