import type { SlackRefused } from "../model/errors.ts";
import { ORG_WIDE } from "./ourselves.ts";

/** Why Slack does not answer; completes "The user group S1 ...". */
export function whyNot(error: SlackRefused): string {
  switch (error.reason) {
    case "no_such_subteam":
    case "subteam_not_found":
      return "does not exist in Slack";
    case "plan_upgrade_required":
    case "paid_teams_only":
      return "cannot be read: user groups need a paid Slack plan";
    case "missing_scope":
      return error.needed.length === 0
        ? "cannot be read: the Slack app was not granted a scope that it needs"
        : `cannot be read: the Slack app was not granted ${error.needed.join(" or ")}`;
    case ORG_WIDE:
      return "cannot be read: the Slack app is installed for a whole organization, and flinkops serves one workspace";
    default:
      return `cannot be read: Slack answers ${error.reason}`;
  }
}
