import { Effect, Schema } from "effect"
import { onShiftAt } from "../correlation/shift.ts"
import { ChannelId, EpochMs, PersonId } from "../domain/ids.ts"
import { Role } from "../domain/person.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { may } from "./rights.ts"
import type { Sources } from "./sources.ts"

/** Somebody, as the people page shows them. */
export const PersonItem = Schema.Struct({
  id: PersonId,
  name: Schema.String,
  role: Role,
  disabled: Schema.Boolean,
  onShift: Schema.optionalKey(Schema.Literals(["signed-on", "plan"])).annotate({
    description: "Why they are held for being on shift; absent: they are not"
  }),
  /** They signed on. */
  since: Schema.optionalKey(EpochMs),
  reach: Schema.Array(
    Schema.Struct({
      channel: ChannelId,
      /** They were last proved reachable by it; absent: never. */
      provedAt: Schema.optionalKey(EpochMs)
    })
  ).annotate({ description: "By which channels they are reached, the fastest first" }),
  enrolled: Schema.Boolean.annotate({ description: "They have a password" }),
  /** They have an enrolment link that is good so long. */
  invitedUntil: Schema.optionalKey(EpochMs),
  sessions: Schema.optionalKey(Schema.Finite).annotate({
    description: "How many sessions they have; only for who manages people"
  })
}).annotate({ identifier: "PersonItem" })
export const PersonItems = Schema.Struct({ items: Schema.Array(PersonItem) })

const InvitationAnswer = Schema.Struct({
  name: Schema.String,
  link: Schema.String.annotate({ description: "Below the console's address; it is told this once" }),
  until: EpochMs
}).annotate({ identifier: "Invitation" })

/** Where the console takes an enrolment code: in the fragment, which no server and no log ever sees. */
export const enrolmentPath = (code: string): string => `/#enrol=${code}`

const itemsOf = ({ intake, people, credentials, sessions, now }: Sources): ReadonlyArray<typeof PersonItem.Type> => {
  const situation = intake.situation()
  const at = now()
  const working = new Map(onShiftAt(situation, at).map((one) => [one.person.id, one]))
  return people().map(({ id, name, role, disabled = false, reach = [] }) => {
    const shift = working.get(id)
    const until = credentials.invitedUntil(id)
    return {
      id,
      name,
      role,
      disabled,
      ...(shift === undefined ? {} : { onShift: shift.because }),
      ...(shift?.since === undefined ? {} : { since: shift.since }),
      reach: reach.map((channel) => {
        const proved = situation.shift.reached.find((one) => one.person === id && one.channel === channel)
        return { channel, ...(proved === undefined ? {} : { provedAt: proved.at }) }
      }),
      enrolled: credentials.passwordOf(id) !== undefined,
      ...(until === undefined ? {} : { invitedUntil: until }),
      sessions: sessions.countOf(id)
    }
  })
}

/** The people of the site: who they are, who is on shift, and what an administrator does for them. */
export const peopleRoutes = (sources: Sources): ReadonlyArray<Endpoint> => {
  const { guard, signIn } = sources
  return [
    endpoint({
      method: "get",
      path: "/people",
      right: "see",
      summary: "The people of the configuration, who of them is on shift, and how they are reached",
      answer: PersonItems,
      handle: ({ caller }) =>
        Effect.sync(() => ({
          items: may(caller, "manage-people")
            ? itemsOf(sources)
            : itemsOf(sources).map(({ sessions: _sessions, ...item }) => item)
        }))
    }),
    endpoint({
      method: "post",
      path: "/people/{id}/invitation",
      right: "manage-people",
      summary: "Make somebody an enrolment link, good once; the one before is not good any more",
      answer: InvitationAnswer,
      problems: [404],
      handle: ({ param, by }) =>
        Effect.map(signIn.invite(param("id"), by), ({ person, code, until }) => ({
          name: person.name,
          link: enrolmentPath(code),
          until
        }))
    }),
    endpoint({
      method: "delete",
      path: "/people/{id}/sessions",
      right: "manage-people",
      summary: "Sign somebody out everywhere",
      status: 204,
      problems: [404],
      handle: ({ param, by }) => Effect.tap(signIn.signOutEverywhere(param("id"), by), () => Effect.sync(guard.review))
    })
  ]
}
