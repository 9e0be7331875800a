import { Deferred, Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { DoorCommand } from "../domain/command.ts"
import { bodyAs, told, withinMs } from "./answers.ts"
import { commandNamed, doorLines, isOpen, outcomeText, stepOf, ToldCommand, ToldDoor } from "./door-outcome.ts"
import { durationFlag } from "./duration.ts"
import { CommandFailed } from "./failure.ts"
import { ask, type GatewayAt, gatewayAt, gatewayFlags, unreachable } from "./gateway-client.ts"
import { paint, printable, quoted, say, sayJson, tell } from "./output.ts"
import { entriesBehind } from "./stream-entries.ts"

const Commands = Schema.Struct({ items: Schema.Array(ToldCommand) })
const Doors = Schema.Struct({ items: Schema.Array(ToldDoor) })

const pathOf = (door: string): string => `/api/v1/doors/${encodeURIComponent(door)}/commands`

const watchOf = (door: string): string => `npm run gatehouse -- watch --door ${quoted(door)}`
const lookAt = (door: string): string => `npm run gatehouse -- door ${quoted(door)}`

const commandsOf = Effect.fnUntraced(function* (gateway: GatewayAt, door: string) {
  const response = yield* ask(gateway, pathOf(door), {
    accept: "application/json",
    withinMs,
    expects: [404]
  })
  if (response.status !== 200) return yield* told(gateway, response, "npm run gatehouse -- status")
  return (yield* bodyAs(gateway, response, Commands)).items
})

const give = Effect.fnUntraced(function* (gateway: GatewayAt, door: string, post: object) {
  const expects = [202, 400, 404, 409, 422]
  const response = yield* ask(gateway, pathOf(door), {
    accept: "application/json",
    withinMs,
    post,
    expects
  })
  if (response.status === 202) return yield* bodyAs(gateway, response, ToldCommand)
  const next = response.status === 404 ? "npm run gatehouse -- status" : lookAt(door)
  return yield* told(gateway, response, next)
})

interface Waiting {
  readonly forMs: number
  readonly said: (step: string) => void
}

/** Completes once nothing more comes of the command. It is followed from its own entry on, so that nothing is missed. */
const ended = Effect.fnUntraced(function* (gateway: GatewayAt, given: ToldCommand, { forMs, said }: Waiting) {
  const over = yield* Deferred.make<void>()
  const following = entriesBehind(gateway, Number(given.id.slice(2)), (entry) => {
    const step = stepOf(entry, given)
    if (step?.ended === true) Deferred.doneUnsafe(over, Effect.void)
    else if (step !== undefined) said(step.said)
  }).pipe(
    Effect.mapError(({ message }) => {
      const reason = `${given.id} was sent; what became of it is not known here: ${message}`
      return new CommandFailed({ exitCode: 3, reason, next: lookAt(given.door) })
    })
  )
  const late = new CommandFailed({
    exitCode: 1,
    reason: `${given.id} has not come to an end within ${forMs / 1000} s; it goes on without us`,
    next: watchOf(given.door)
  })
  yield* Effect.raceFirst(following, Deferred.await(over)).pipe(
    Effect.timeoutOrElse({ duration: forMs, orElse: () => Effect.fail(late) })
  )
})

interface Options {
  readonly gateway: GatewayAt
  readonly door: string
  readonly json: boolean
}

const command = Effect.fnUntraced(function* (
  { gateway, door, json }: Options,
  post: { readonly command: DoorCommand; readonly reason?: string },
  forMs: number
) {
  const given = yield* give(gateway, door, post)
  tell(`${given.id}: ${given.command} sent to ${printable(door)}`)
  yield* ended(gateway, given, { forMs, said: (step) => tell(`${given.id}: ${step}`) })
  const last = (yield* commandsOf(gateway, door)).find(({ id }) => id === given.id) ?? given
  const proved = last.state === "proved"
  if (json) sayJson(last)
  else if (proved) say(`${paint("green", "✔")} ${printable(door)}: ${printable(outcomeText(last))}`)
  if (proved && isOpen(last)) tell(`${printable(door)} STANDS OPEN: its lock holds nothing until it is closed`)
  if (proved) return
  return yield* new CommandFailed({
    exitCode: 1,
    reason: `${printable(door)}: ${printable(outcomeText(last))}`,
    next: lookAt(door)
  })
})

const show = Effect.fnUntraced(function* ({ gateway, door, json }: Options) {
  const commands = yield* commandsOf(gateway, door)
  const response = yield* ask(gateway, "/api/v1/doors", { accept: "application/json", withinMs })
  const found = (yield* bodyAs(gateway, response, Doors)).items.find(({ id }) => id === door)
  if (found === undefined) return yield* unreachable(gateway.url, "it no longer knows the door")
  if (json) sayJson({ ...found, latest: commands })
  else for (const line of doorLines(found, commands)) say(line)
})

const commandArgument = Argument.String("command").pipe(
  Argument.withDescription(DoorCommand.literals.join(", ")),
  Argument.filterMap(
    (text) => Option.fromNullishOr(commandNamed(text)),
    (text) => `a command, not "${text}": one of ${DoorCommand.literals.join(", ")}`
  ),
  Argument.optional
)

/** `gatehouse door`: tells a door what to do and waits until it is proved, or shows what it can be told. */
export const doorCommand = Command.make(
  "door",
  {
    door: Argument.String("door").pipe(Argument.withDescription("The id of a door")),
    command: commandArgument,
    reason: Flag.String("reason").pipe(Flag.withDescription("Why; it is kept with the command"), Flag.optional),
    for: durationFlag("for", "How long to wait for the proof (default: 1m)").pipe(Flag.withDefault(60_000)),
    json: Flag.Boolean("json").pipe(Flag.withDescription("One JSON object"), Flag.withDefault(false)),
    ...gatewayFlags
  },
  Effect.fn("door")(function* ({ door, command: word, reason, for: forMs, json, url, token }) {
    const options = { gateway: gatewayAt(url, token, `door ${quoted(door)}`), door, json }
    if (Option.isNone(word)) return yield* show(options)
    const why = Option.isSome(reason) ? { reason: reason.value } : {}
    return yield* command(options, { command: word.value, ...why }, forMs)
  })
).pipe(
  Command.withDescription("Tell a door what to do and wait until it is proved; without a command: what it can be told")
)
