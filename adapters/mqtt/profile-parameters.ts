import type { Device } from "../../gateway/domain/campus.ts"
import * as shared from "../profile/parameters.ts"
import type { CompiledProfile } from "./profile.ts"

/** What may stand in a topic: no wildcard, no capture, no NUL (MQTT 5, 1.5.4). */
const unfit = /[+#{}\0]/

/**
 * The values of a profile's parameters for a device: its own, else the profile's. A value that cannot stand in a topic
 * is left aside; `parameterProblems` tells of it.
 */
export const parametersOf = (profile: CompiledProfile, device: Device): shared.Parameters =>
  shared.parametersOf(profile, device, (value) => !unfit.test(value))

/** What is wrong with the parameters of a device, in words, by the name of the parameter. */
export const parameterProblems = (profile: CompiledProfile, device: Device) =>
  shared.parameterProblems(profile, device, (value) =>
    unfit.test(value) ? `"${value}" cannot stand in a topic: leave out + # { }` : undefined
  )
