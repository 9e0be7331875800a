import type { Priority, Reason } from "../domain/alert.ts"
import type { CommandRecord } from "../domain/command-record.ts"
import type { DoorCommand } from "../domain/command.ts"
import type { DoorMode } from "../domain/door.ts"
import type { Fact } from "../domain/fact.ts"
import { CommandId, type EpochMs } from "../domain/ids.ts"
import type { IndexedDoor, IndexedPoint } from "./campus-index.ts"
import { isProvedBy, modeShown } from "./command-proof.ts"
import { nextCommandDue } from "./command-timers.ts"
import { tellDoor } from "./doors.ts"
import type { Draft } from "./draft.ts"
import type { FollowedCommand } from "./situation.ts"

type Of<Tag extends Fact["_tag"]> = Extract<Fact, { _tag: Tag }>

/** So many of a door's newest commands stay in mind; the log has all. */
const commandsKept = 10

/** `C-<seq>`: ids derive from log positions, so the same log gives the same ids. */
export const commandIdOf = (seq: number): CommandId => CommandId.make(`C-${seq}`)

const seqOf = ({ id }: CommandRecord): number => Number(id.slice(2))

/** Whether something is still to come of it. */
export const isPending = ({ state }: CommandRecord): boolean =>
  state === "sent" || state === "accepted" || state === "unknown"

/** What the faces show of a followed command. */
export const recordOf = ({ idempotencyKey: _key, shown: _shown, ...record }: FollowedCommand): CommandRecord => record

const keyOf = ({ door }: IndexedDoor): string => `door:${door.id}`

/** What is told a door's machine, now. */
const nowOf = (draft: Draft) => ({ at: draft.now, heardAt: draft.now, seq: draft.seq })

const change = (draft: Draft, door: IndexedDoor, changed: FollowedCommand, to: Partial<FollowedCommand>): void => {
  const commands = draft.commands(door.door.id)
  draft.setCommands(
    door,
    commands.map((command) => (command.id === changed.id ? { ...command, ...to } : command))
  )
}

/** Adds a command. One of which nothing is known yet is not forgotten for a newer one. */
const added = (commands: ReadonlyArray<FollowedCommand>, command: FollowedCommand): ReadonlyArray<FollowedCommand> => {
  const all = [...commands, command]
  const dropped = all.length <= commandsKept ? undefined : (all.find((one) => !isPending(one)) ?? all[0])
  return all.filter((one) => one !== dropped)
}

/** A command is given; it goes out once this is on disk. */
export const commanded = (draft: Draft, fact: Of<"DoorCommanded">): void => {
  const door = draft.inner.index.doors.get(fact.door)
  if (door === undefined) return
  const { _tag, at: _at, ...given } = fact
  const command: FollowedCommand = { id: commandIdOf(draft.seq), at: draft.now, ...given, state: "sent" }
  draft.setCommands(door, added(draft.commands(fact.door), command))
  if (fact.command === "Access") tellDoor(draft, door, { _tag: "AccessOrdered", officer: fact.by, ...nowOf(draft) })
}

/** A device that took a later command does not go on with an earlier one: its proof need not come any more. */
const overtake = (draft: Draft, door: IndexedDoor, by: FollowedCommand): void => {
  for (const earlier of draft.commands(door.door.id)) {
    if (earlier.id !== by.id && isPending(earlier)) change(draft, door, earlier, { state: "overtaken" })
  }
}

/** What became of the sending. Of a command that counts as not proved already this is for the record only. */
export const answered = (draft: Draft, fact: Of<"DoorCommandAnswered">): void => {
  const door = draft.inner.index.doors.get(fact.door)
  const command = draft.commands(fact.door).find(({ id }) => id === fact.commandId)
  if (door === undefined || command === undefined || command.answer !== undefined) return
  const { outcome, detail } = fact
  const answer = { at: draft.now, outcome, ...(detail === undefined ? {} : { detail }) }
  change(draft, door, command, { answer, ...(command.state === "sent" ? { state: outcome } : {}) })
  if (command.command === "Access") {
    const taken = outcome !== "refused"
    tellDoor(draft, door, { _tag: "AccessAnswered", order: seqOf(command), taken, ...nowOf(draft) })
  }
  if (outcome === "accepted") overtake(draft, door, command)
  if (outcome !== "refused" && command.state === "sent" && command.shown !== undefined) {
    proved(draft, door, command, command.shown)
  }
}

type Proof = NonNullable<CommandRecord["proof"]>

const proved = (draft: Draft, door: IndexedDoor, command: FollowedCommand, proof: Proof): void => {
  const { id: commandId, command: word } = command
  change(draft, door, command, { state: "proved", proof })
  draft.event({ _tag: "DoorCommandProved", door: door.door.id, commandId, command: word, ...proof })
  obeyed(draft, door, command, proof)
}

/** The door does as it is told again. */
const obeyed = (draft: Draft, door: IndexedDoor, command: FollowedCommand, { at, mode }: Proof): void => {
  if (!draft.isActive("CommandNotProved", keyOf(door))) return
  const text = `${command.command} (${command.id}) is shown: the door's mode is ${mode}`
  const why = [{ at, seq: draft.seq, text }]
  draft.finding({ _tag: "ConditionNormal", condition: "CommandNotProved", key: keyOf(door), at, why })
}

/** Many devices write whole seconds: what they date up to one second before a command may have come after it. */
const datedCoarselyMs = 1000

/**
 * Whether a reading tells of a time after the command. One dated by its device does by that date; one without a date,
 * by when it was heard, unless it may have waited in a queue, or a broker may have kept it, from before.
 */
const isAfter = (command: FollowedCommand, fact: Of<"Observed">, earliest: EpochMs | undefined): boolean => {
  if (fact.receivedAt < command.at) return false
  if (earliest !== undefined) {
    const { observation } = fact
    return "origin" in observation && observation.origin === "change" && earliest >= command.at
  }
  return fact.occurredAt >= command.at - Math.max(datedCoarselyMs, fact.clock?.uncertaintyMs ?? 0)
}

/** Whether a reading still matters to it: one not proved in time may be shown late, while it is the last that was taken. */
const isAwaited = (commands: ReadonlyArray<FollowedCommand>, one: FollowedCommand): boolean =>
  isPending(one) ||
  (one.state === "not-proved" &&
    one.proof === undefined &&
    commands.findLast(({ state }) => state !== "refused")?.id === one.id)

const show = (draft: Draft, door: IndexedDoor, command: FollowedCommand, proof: Proof): void => {
  switch (command.state) {
    case "sent":
      // Its device may still refuse it: then somebody else has set the mode.
      return command.shown === undefined ? change(draft, door, command, { shown: proof }) : undefined
    case "accepted":
    case "unknown":
      return proved(draft, door, command, proof)
    case "not-proved":
      change(draft, door, command, { proof })
      return obeyed(draft, door, command, proof)
    case "refused":
    case "proved":
    case "overtaken":
      return
  }
}

/**
 * A door without a mode point is as free as its lock was commanded to leave it: after a proved `Unlock` it may be
 * opened, and stand open, until its lock is locked again, by whomever.
 */
const freeByLock = (draft: Draft, door: IndexedDoor, mode: DoorMode, unlocks: boolean, at: EpochMs): void => {
  const before = draft.doorMemory(door).mode
  const after = unlocks ? "Unlocked" : mode === "Locked" && before === "Unlocked" ? "Locked" : before
  if (door.door.mode === undefined && after !== before) {
    tellDoor(draft, door, { _tag: "Mode", mode: after, ...nowOf(draft), at })
  }
}

/** A reading of a point, whether it changed or not: it may show that commands of its door were carried out. */
export const readingShows = (
  draft: Draft,
  roles: IndexedPoint["roles"],
  fact: Of<"Observed">,
  earliest: EpochMs | undefined
): void => {
  if (fact.observation._tag !== "Reading") return
  for (const { role, door } of roles) {
    const mode = modeShown(door.door, role, fact.observation.reading)
    if (mode === undefined) continue
    const shown = draft
      .commands(door.door.id)
      .filter(
        (one, _, all) => isAwaited(all, one) && isProvedBy(door.door, one.command, mode) && isAfter(one, fact, earliest)
      )
    const unlocks = shown.some(({ command }) => command === "Unlock")
    freeByLock(draft, door, mode, unlocks, fact.occurredAt)
    const { position } = draft.doorMemory(door)
    for (const one of shown) show(draft, door, one, { at: Math.max(one.at, fact.occurredAt), mode, position })
  }
}

/** A door that does not lock is open to whoever comes; one that does not open lets somebody wait. */
const priorities: Readonly<Record<DoorCommand, Priority>> = {
  LockDown: 1,
  Lock: 2,
  Block: 2,
  DoubleLock: 2,
  LockOpenRelease: 2,
  LockDownRelease: 3,
  Unlock: 3,
  LockOpen: 3,
  Access: 4
}

const answerReason = ({ at, answer }: FollowedCommand): Reason => {
  if (answer === undefined) return { at, text: "The door's device has not answered" }
  if (answer.outcome === "accepted") return { at: answer.at, text: "The door's device accepted it" }
  return {
    at: answer.at,
    text: `Nobody can say whether the door's device has heard it: ${answer.detail ?? "no answer"}`
  }
}

const lastKnown = (draft: Draft, indexed: IndexedDoor): { readonly mode: DoorMode; readonly reason: Reason } => {
  const { door } = indexed
  const { mode, modeAt, lock } = draft.doorMemory(indexed)
  if (door.mode === undefined) {
    const shown = lock === "Locked" || lock === "Unlocked" ? lock : "Unknown"
    return { mode: shown, reason: { at: draft.now, text: `Its lock is, as far as is known: ${lock}` } }
  }
  const text = mode === "Unknown" ? "The door's mode is not known" : `The last known mode of the door is ${mode}`
  return { mode, reason: { at: modeAt, text } }
}

/** The time for its proof is over: a person must know, before they rely on a door that does not do as it was told. */
export const notProvedInTime = (draft: Draft, door: IndexedDoor, upTo: EpochMs): void => {
  const commands = draft.commands(door.door.id)
  const due = nextCommandDue(commands, door.times)
  // The agenda is only an index: one that disagrees with the commands is set right.
  if (due === undefined || due.at > upTo) return draft.setCommands(door, commands)
  const { at, command } = due
  const { mode, reason } = lastKnown(draft, door)
  const { id, name, area } = door.door
  change(draft, door, command, { state: "not-proved" })
  draft.event({ _tag: "DoorCommandNotProved", at, door: id, commandId: command.id, command: command.command, mode })
  const given = `${command.by} gave the command ${command.command}${command.reason === undefined ? "" : `: ${command.reason}`}`
  draft.finding({
    _tag: "ConditionActive",
    condition: "CommandNotProved",
    key: keyOf(door),
    at,
    rule: "command.proof",
    priority: priorities[command.command],
    title: `${command.command} not proved: ${name}`,
    // Each command stands for itself: a second one that fails is not the first one failing still.
    momentary: true,
    door: id,
    area,
    why: [
      { at: command.at, seq: seqOf(command), text: given },
      answerReason(command),
      reason,
      { at, text: "No reading has shown it done" }
    ]
  })
}
