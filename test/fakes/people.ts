import { type Freshness, fullMember, type People, type Person } from "../../src/policy/person.ts";
import type { ChannelFacts } from "../../src/requests/ports/conversation.ts";

/** A full member of whom nothing is in the way, in these groups. */
export const aMember = (user: string, change: Partial<Person> = {}): Person => ({
  ...fullMember({ user, team: "T0HOME0001" }),
  ...change,
});

/** A channel that the bot is in. */
export const aChannel = (change: Partial<ChannelFacts> = {}): ChannelFacts => ({
  member: true,
  externallyShared: false,
  join: "Invite me.",
  unreadable: null,
  ...change,
});

/** Members all of them, unless a test says otherwise; remembers who was looked up and how. */
export class FakePeople implements People {
  readonly people = new Map<string, Person>();
  readonly looked: { user: string; how: Freshness }[] = [];
  /** What looking up throws, in turn. */
  throws: Error[] = [];

  lookup({ user, team }: { user: string; team: string }, how: Freshness = {}): Promise<Person> {
    this.looked.push({ user, how });
    const error = this.throws.shift();
    if (error !== undefined) return Promise.reject(error);
    return Promise.resolve({ ...(this.people.get(user) ?? aMember(user)), team });
  }
}
