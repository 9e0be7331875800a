import { Cause, Context, Effect, FiberMap, HashMap, Layer, Option, Schedule, Semaphore } from "effect"
import type { AnswerLost, NotKept, Unable } from "../../adapters/adapter.ts"
import { provableCommands } from "../correlation/command-proof.ts"
import { commandIdOf, recordOf } from "../correlation/door-commands.ts"
import { commandAnswerMs } from "../correlation/door-grants.ts"
import type { FollowedCommand } from "../correlation/situation.ts"
import type { Door } from "../domain/campus.ts"
import type { CommandOutcome, CommandRecord } from "../domain/command-record.ts"
import type { DoorCommand } from "../domain/command.ts"
import { type CommandId, DoorId } from "../domain/ids.ts"
import { Intake } from "../intake/intake.ts"
import { Links } from "../links/links.ts"
import { tamed } from "../links/turned-away.ts"
import { sensibleCommands } from "./choices.ts"
import { reachOf } from "./reach.ts"
import { type CommandRefused, DoorBusy, DoorOutOfReach, DoorTakesNoCommand, KeyReused, UnknownDoor } from "./refused.ts"

/** What somebody wants a door to do. */
export interface Order {
  readonly door: string
  readonly command: DoorCommand
  readonly by: string
  readonly reason?: string | undefined
  /** The caller's own name for this request: the same one again is the same command, sent once. */
  readonly idempotencyKey?: string | undefined
}

/** What a door can be told now; when nothing, why. */
export interface Choices {
  readonly commands: ReadonlyArray<DoorCommand>
  readonly why?: string
}

export interface CommandsOptions {
  /** How long a device may take to answer, milliseconds. */
  readonly answerMs?: number
}

/**
 * Sends commands to doors. Each is a fact before it is sent, and sent at most once: what cannot be sent now is refused
 * and never kept for later, and what a dead process left unanswered is answered as unknown.
 */
export class Commands extends Context.Service<
  Commands,
  {
    /** Completes when the command is on disk and on its way, with its id; its record tells how far it has come. */
    readonly send: (order: Order) => Effect.Effect<CommandId, CommandRefused | NotKept>
    /** The newest commands of a door, newest first. The same key within these is the same command. */
    readonly latest: (door: string) => Effect.Effect<ReadonlyArray<CommandRecord>, UnknownDoor>
    readonly choices: (door: Door) => Choices
  }
>()("gateway/Commands") {
  static readonly layer = (options: CommandsOptions = {}) => Layer.effect(Commands, make(options))
}

interface Answer {
  readonly outcome: CommandOutcome
  readonly detail?: string
}

const stopped: Answer = { outcome: "unknown", detail: "the gateway stopped before the answer" }

/** What the device makes of a command, in time or not. A fault of an adapter is told as what it is: nobody knows. */
const answerOf = (work: Effect.Effect<void, Unable | AnswerLost>, answerMs: number): Effect.Effect<Answer> =>
  work.pipe(
    Effect.as<Answer>({ outcome: "accepted" }),
    Effect.timeoutOrElse({
      duration: answerMs,
      orElse: () => Effect.succeed<Answer>({ outcome: "unknown", detail: `no answer within ${answerMs / 1000} s` })
    }),
    Effect.catchTag("Unable", ({ reason }) => Effect.succeed<Answer>({ outcome: "refused", detail: tamed(reason) })),
    Effect.catchTag("AnswerLost", ({ reason }) =>
      Effect.succeed<Answer>({ outcome: "unknown", detail: tamed(reason) })
    ),
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.failCause(cause)
        : Effect.logError("a command failed by a bug", cause).pipe(
            Effect.as<Answer>({ outcome: "unknown", detail: `a fault: ${tamed(String(Cause.squash(cause)))}` })
          )
    )
  )

const make = Effect.fnUntraced(function* ({ answerMs = commandAnswerMs }: CommandsOptions) {
  const intake = yield* Intake
  const links = yield* Links
  const sending = yield* FiberMap.make<string>()
  const oneAtATime = yield* Semaphore.make(1)

  const doorOf = (id: string): Door | undefined => intake.situation().campus?.doors.find((door) => door.id === id)
  const commandsOf = (door: string): ReadonlyArray<FollowedCommand> =>
    Option.getOrElse(HashMap.get(intake.situation().commands, door), () => [])

  const tell = (commandId: CommandId, door: DoorId, { outcome, detail }: Answer) =>
    intake.enter({
      _tag: "DoorCommandAnswered",
      commandId,
      door,
      outcome,
      ...(detail === undefined ? {} : { detail })
    })

  /** Sends it, and writes down the answer: as soon as the store keeps again, where it refuses. */
  const deliver = (id: CommandId, door: DoorId, work: Effect.Effect<void, Unable | AnswerLost>) =>
    answerOf(work, answerMs).pipe(
      Effect.onInterrupt(() => tell(id, door, stopped).pipe(Effect.ignore)),
      Effect.flatMap((answer) => tell(id, door, answer).pipe(Effect.retry(Schedule.spaced("1 second")))),
      Effect.asVoid
    )

  const give = Effect.fnUntraced(function* ({ door: wanted, command, by, reason, idempotencyKey }: Order) {
    const door = doorOf(wanted)
    if (door === undefined) return yield* new UnknownDoor({ door: wanted })
    const known = commandsOf(wanted)
    const same =
      idempotencyKey === undefined
        ? undefined
        : known.findLast((one) => one.idempotencyKey === idempotencyKey && one.by === by)
    if (same !== undefined) return same.command === command ? same.id : yield* new KeyReused({ command: same.id })
    const reach = reachOf(door, intake.situation(), links)
    if (reach._tag === "Never") return yield* new DoorTakesNoCommand({ door: wanted, reason: reach.reason })
    if (!provableCommands(door).includes(command)) {
      const why = `it has no mode point, and its lock cannot show ${command}`
      return yield* new DoorTakesNoCommand({ door: wanted, reason: why })
    }
    if (reach._tag === "Away") return yield* new DoorOutOfReach({ door: wanted, reason: reach.reason })
    const before = known.find(({ state }) => state === "sent")
    if (before !== undefined) return yield* new DoorBusy({ door: wanted, command: before.id })
    const { seq } = yield* intake.enter({
      _tag: "DoorCommanded",
      door: door.id,
      command,
      by,
      ...(reason === undefined ? {} : { reason }),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey })
    })
    const id = commandIdOf(seq)
    yield* FiberMap.run(sending, id, Effect.interruptible(deliver(id, door.id, reach.send(command))))
    return id
  })

  for (const [door, commands] of HashMap.entries(intake.situation().commands)) {
    for (const { id, state } of commands) if (state === "sent") yield* tell(id, DoorId.make(door), stopped)
  }

  return Commands.of({
    // Who asked may leave: what is on disk is sent all the same, and answered.
    send: (order) => give(order).pipe(Semaphore.withPermit(oneAtATime), Effect.uninterruptible),
    latest: (door) =>
      Effect.suspend(() =>
        doorOf(door) === undefined
          ? Effect.fail(new UnknownDoor({ door }))
          : Effect.succeed(commandsOf(door).toReversed().map(recordOf))
      ),
    choices: (door) => {
      const reach = reachOf(door, intake.situation(), links)
      if (reach._tag !== "Ready") return { commands: [], why: reach.reason }
      const mode = intake.situation().doors.get(door.id)?.mode ?? "Unknown"
      return { commands: sensibleCommands(door, mode).filter(reach.takes) }
    }
  })
})
