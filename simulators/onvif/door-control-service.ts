import type { Call, DeviceContext, Service } from "./device-context.ts"
import type { DoorCommand } from "../campus/door-machine.ts"
import type { KnownDoor } from "./doors.ts"
import { durationMs } from "./duration.ts"
import { nextXml, pageOf, tokensOf } from "./listing.ts"
import { namespaces } from "./namespaces.ts"
import { answered, failed, faults as soapFaults, type Outcome } from "./soap.ts"
import { element, leaf, nothing, type Xml } from "./xml.ts"
import { textOf } from "./xml-node.ts"

/** doorcontrol.wsdl names no actions: WS-Addressing's default pattern makes them of its port type. */
const actionOf = (operation: string): string => `${namespaces.tdc}/DoorControlPort/${operation}`

const infoXml = ({ memory }: DeviceContext, door: KnownDoor): Xml => {
  const { token, description, capabilities } = door
  return element(
    "tdc:DoorInfo",
    { token },
    leaf("tdc:Name", memory.nameOf("Door", door)),
    leaf("tdc:Description", description),
    element("tdc:Capabilities", {
      Access: capabilities.access,
      AccessTimingOverride: capabilities.timingOverride,
      Lock: capabilities.lock,
      Unlock: capabilities.unlock,
      Block: capabilities.block,
      DoubleLock: capabilities.doubleLock,
      LockDown: capabilities.lockDown,
      LockOpen: capabilities.lockOpen,
      DoorMonitor: capabilities.doorMonitor,
      LockMonitor: capabilities.lockMonitor,
      DoubleLockMonitor: capabilities.doubleLockMonitor,
      Alarm: capabilities.alarm,
      Tamper: capabilities.tamper,
      Fault: capabilities.fault
    })
  )
}

const stateXml = (context: DeviceContext, token: string): Xml | undefined => {
  const found = context.doors.find(token)
  if (found === undefined) return undefined
  const { state, door } = found
  const { doorMonitor, lockMonitor, doubleLockMonitor, alarm, tamper, fault } = door.capabilities
  const monitored = (has: boolean, name: string, value: string): Xml => (has ? leaf(`tdc:${name}`, value) : nothing)
  const detected = (has: boolean, name: string, value: string): Xml =>
    has ? element(`tdc:${name}`, {}, leaf("tdc:State", value)) : nothing
  return element(
    "tdc:DoorState",
    {},
    monitored(doorMonitor, "DoorPhysicalState", state.physical),
    monitored(lockMonitor, "LockPhysicalState", state.lock),
    monitored(doubleLockMonitor, "DoubleLockPhysicalState", state.doubleLock),
    monitored(alarm, "Alarm", state.alarm),
    detected(tamper, "Tamper", state.tampered ? "TamperDetected" : "NotInTamper"),
    detected(fault, "Fault", state.faulty ? "FaultDetected" : "NotInFault"),
    leaf("tdc:DoorMode", state.mode)
  )
}

/** The door's capability that a command needs. */
const needs = {
  Access: "access",
  Lock: "lock",
  Unlock: "unlock",
  Block: "block",
  LockDown: "lockDown",
  LockDownRelease: "lockDown",
  LockOpen: "lockOpen",
  LockOpenRelease: "lockOpen"
} as const

const command = (context: DeviceContext, { request }: Call, asked: DoorCommand): Outcome => {
  const token = textOf(request.body, "Token") ?? ""
  const operation = `${asked._tag}Door`
  const found = context.doors.find(token)
  if (found === undefined) return failed(soapFaults.notFound)
  const { capabilities } = found.door
  if (asked._tag !== "DoubleLock" && !capabilities[needs[asked._tag]])
    return failed(soapFaults.actionNotSupported(operation))
  // A door without a second bolt may take it for an ordinary locking (Door Control Service, DoubleLockDoor).
  const done = asked._tag === "DoubleLock" && !capabilities.doubleLock ? ({ _tag: "Lock" } as const) : asked
  const refused = context.doors.step(token, done)
  if (refused !== undefined) return failed(soapFaults.action("Failure", refused))
  return answered(`${actionOf(operation)}Response`, element(`tdc:${operation}Response`, {}))
}

const access = (context: DeviceContext, call: Call): Outcome => {
  const { body } = call.request
  const override = context.doors.find(textOf(body, "Token") ?? "")?.door.capabilities.timingOverride === true
  const given = (name: string): number | undefined => {
    const text = override ? textOf(body, name) : undefined
    return text === undefined ? undefined : durationMs(text)
  }
  return command(context, call, {
    _tag: "Access",
    extended: ["true", "1"].includes(textOf(body, "UseExtendedTime") ?? ""),
    releaseMs: given("AccessTime"),
    openMs: given("OpenTooLongTime")
  })
}

export const doorControlCapabilities = ({ options }: DeviceContext): Xml =>
  element("tdc:Capabilities", { MaxLimit: options.listLimit, MaxDoors: options.doors.length })

/** The door control service (ONVIF Door Control Service Specification), less the making and changing of doors. */
export const doorControlService = (context: DeviceContext): Service => {
  const { listLimit } = context.options
  const xml = (door: KnownDoor): Xml => infoXml(context, door)
  const plain = (_tag: Exclude<DoorCommand["_tag"], "Access">) => (call: Call) => command(context, call, { _tag })
  return {
    namespace: namespaces.tdc,
    path: "/onvif/doorcontrol_service",
    actionOf,
    operations: {
      GetServiceCapabilities: () => element("tdc:GetServiceCapabilitiesResponse", {}, doorControlCapabilities(context)),
      GetDoorInfoList: ({ request }) => {
        const page = pageOf(request.body, context.doors.all, listLimit)
        if (page === undefined)
          return failed(soapFaults.invalidArgVal("InvalidStartReference", "not a start reference"))
        return element("tdc:GetDoorInfoListResponse", {}, nextXml("tdc", page), ...page.entries.map(xml))
      },
      GetDoorInfo: ({ request }) => {
        const tokens = tokensOf(request.body)
        if (tokens.length > listLimit) return failed(soapFaults.tooManyItems)
        const doors = context.doors.all.filter(({ token }) => tokens.includes(token))
        return element("tdc:GetDoorInfoResponse", {}, ...doors.map(xml))
      },
      GetDoorState: ({ request }) => {
        const state = stateXml(context, textOf(request.body, "Token") ?? "")
        return state === undefined ? failed(soapFaults.notFound) : element("tdc:GetDoorStateResponse", {}, state)
      },
      AccessDoor: (call) => access(context, call),
      LockDoor: plain("Lock"),
      UnlockDoor: plain("Unlock"),
      BlockDoor: plain("Block"),
      DoubleLockDoor: plain("DoubleLock"),
      LockDownDoor: plain("LockDown"),
      LockDownReleaseDoor: plain("LockDownRelease"),
      LockOpenDoor: plain("LockOpen"),
      LockOpenReleaseDoor: plain("LockOpenRelease")
    }
  }
}
