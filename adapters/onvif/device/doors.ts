import { Effect, Result, Schema } from "effect"
import { DoorCommand } from "../../../gateway/domain/command.ts"
import { DoorMode } from "../../../gateway/domain/door.ts"
import { type AnswerLost, Unable } from "../../adapter.ts"
import { pointNamed, tokenNamed } from "../../profile/point-name.ts"
import type { CallFailed, Connection } from "../wire/connection.ts"
import { undoneOrLost } from "../wire/failures.ts"
import { listAll } from "../wire/listing.ts"
import { tdc } from "../wire/namespaces.ts"
import { attributeOf, descendantOf, escapeXml, isTrue } from "../wire/xml.ts"
import type { XmlElement } from "../wire/xml-element.ts"

/** A door as its controller lists it (Door Control Service Specification 19.12, section 5.2.1). */
export interface DoorInfo {
  readonly token: string
  readonly name: string
  /** The names of the capabilities that it has. */
  readonly capabilities: ReadonlySet<string>
}

/** The operation of each command, and the capability a door must have for it (section 5.2.1.2). */
const operations: { readonly [C in DoorCommand]: { readonly operation: string; readonly needs: string } } = {
  Access: { operation: "AccessDoor", needs: "Access" },
  Lock: { operation: "LockDoor", needs: "Lock" },
  Unlock: { operation: "UnlockDoor", needs: "Unlock" },
  Block: { operation: "BlockDoor", needs: "Block" },
  LockDown: { operation: "LockDownDoor", needs: "LockDown" },
  LockDownRelease: { operation: "LockDownReleaseDoor", needs: "LockDown" },
  LockOpen: { operation: "LockOpenDoor", needs: "LockOpen" },
  LockOpenRelease: { operation: "LockOpenReleaseDoor", needs: "LockOpen" },
  DoubleLock: { operation: "DoubleLockDoor", needs: "DoubleLock" }
}

/** An officer waits for it. */
const commandMs = 5000

const doorInfoOf = (element: XmlElement): ReadonlyArray<DoorInfo> => {
  const token = attributeOf(element, "token") ?? ""
  if (token === "") return []
  const capabilities = descendantOf(element, "Capabilities")?.attributes ?? []
  const has = new Set(capabilities.filter(({ value }) => isTrue(value)).map(({ name }) => name))
  return [{ token, name: descendantOf(element, "Name")?.text.trim() ?? "", capabilities: has }]
}

/** The doors of a controller. */
export const listDoors = (connection: Connection, url: string): Effect.Effect<ReadonlyArray<DoorInfo>, CallFailed> =>
  listAll({ connection, url, namespace: tdc, operation: "GetDoorInfoList", item: "DoorInfo" }).pipe(
    Effect.map((elements) => elements.flatMap(doorInfoOf))
  )

const callDoor = (connection: Connection, url: string, operation: string, token: string, once: boolean) =>
  connection.call({
    url,
    action: `${tdc}/${operation}`,
    body: `<tdc:${operation} xmlns:tdc="${tdc}"><tdc:Token>${escapeXml(token)}</tdc:Token></tdc:${operation}>`,
    timeoutMs: commandMs,
    once
  })

const isDoorMode = Schema.is(DoorMode)

/** In which mode a door is, as its controller says when asked; `undefined` when it does not say. */
export const readDoorMode = (
  connection: Connection,
  url: string,
  token: string
): Effect.Effect<DoorMode | undefined, CallFailed> =>
  callDoor(connection, url, "GetDoorState", token, false).pipe(
    Effect.map(({ body }) => {
      const mode = descendantOf(body, "DoorState", "DoorMode")?.text.trim()
      return isDoorMode(mode) ? mode : undefined
    })
  )

const pointOf = (token: string, of: string): string | undefined => pointNamed(`door-${tokenNamed(token)}.${of}`)

/** Which point of ours is a door's mode: what its events are mapped to. */
export const modePointOf = (token: string): string | undefined => pointOf(token, "mode")

/** The doors whose mode or lock a point is: one, unless the controller's tokens come to the same name. */
export const doorsAt = (doors: ReadonlyArray<DoorInfo>, point: string): ReadonlyArray<DoorInfo> =>
  doors.filter(({ token }) => point === modePointOf(token) || point === pointOf(token, "lock"))

/** The door whose mode or lock a point is. Where it could be either of two, neither is meant. */
export const doorOf = (doors: ReadonlyArray<DoorInfo>, point: string): Result.Result<DoorInfo, string> => {
  const [door, ...others] = doorsAt(doors, point)
  if (door === undefined) return Result.fail(`there is no door whose lock or mode is ${point}`)
  if (others.length === 0) return Result.succeed(door)
  const tokens = [door, ...others].map(({ token }) => `"${token}"`).join(" and ")
  return Result.fail(`${point} could be either of the doors ${tokens}: nothing is sent to either`)
}

/** What its controller says that a door can be told. */
export const commandsOf = ({ capabilities }: DoorInfo): ReadonlyArray<DoorCommand> =>
  DoorCommand.literals.filter((command) => capabilities.has(operations[command].needs))

/**
 * Has a door do what a command says; it is sent at most once. It is refused here already where the controller says that
 * the door cannot.
 */
export const commandDoor = (
  connection: Connection,
  url: string,
  door: DoorInfo,
  command: DoorCommand
): Effect.Effect<void, Unable | AnswerLost> => {
  const { operation, needs } = operations[command]
  const who = door.name === "" ? door.token : door.name
  if (!door.capabilities.has(needs)) {
    return Effect.fail(
      new Unable({ reason: `door "${who}" cannot ${command}: its controller lists no ${needs} for it` })
    )
  }
  return callDoor(connection, url, operation, door.token, true).pipe(
    Effect.mapError(undoneOrLost(`door "${who}" did not ${command}`)),
    Effect.asVoid
  )
}
