import type { Device } from "../../gateway/domain/campus.ts"
import type { ParameterProblem } from "../profile/parameters.ts"
import { linkParameters } from "./device-settings.ts"
import type { OnvifProfile } from "./profile.ts"

const seconds = /^\d+(\.\d+)?$/

/**
 * What is wrong with the parameters of a device: each is its profile's or the link's, and those that hold a time are a
 * number of seconds.
 */
export const parameterProblems = (profile: OnvifProfile, device: Device): ReadonlyArray<ParameterProblem> => {
  const own = Object.keys(profile.file.parameters ?? {})
  const times = new Set(profile.readings.map(({ clearAfterSeconds }) => clearAfterSeconds))
  return Object.entries(device.parameters ?? {}).flatMap(([parameter, value]) => {
    if (times.has(parameter) && !seconds.test(value))
      return [{ parameter, message: `"${value}" is no number of seconds; 0 is never` }]
    if (own.includes(parameter) || Object.hasOwn(linkParameters, parameter)) return []
    const known = [...own, ...Object.keys(linkParameters)].join(", ")
    return [
      { parameter, message: `a device of profile "${profile.name}" has no parameter "${parameter}"; it has ${known}` }
    ]
  })
}
