import type { Device } from "../../../gateway/domain/campus.ts"
import type { ParameterProblem } from "../../profile/parameters.ts"
import { linkParameters } from "../device-settings.ts"
import type { OnvifProfile } from "./profile.ts"

const seconds = /^\d+(\.\d+)?$/

/**
 * What is wrong with the parameters of a device: each is its profile's or the link's, and those that hold a time are a
 * number of seconds. A time may be given for one rule or source alone: `motionEndsAfterSeconds.Yard`.
 */
export const parameterProblems = (profile: OnvifProfile, device: Device): ReadonlyArray<ParameterProblem> => {
  const own = Object.keys(profile.file.parameters ?? {})
  const times = own.filter((name) => profile.readings.some(({ clearAfterSeconds }) => clearAfterSeconds === name))
  return Object.entries(device.parameters ?? {}).flatMap(([parameter, value]) => {
    const time = times.find((name) => parameter === name || parameter.startsWith(`${name}.`))
    if (time !== undefined) {
      if (!seconds.test(value)) return [{ parameter, message: `"${value}" is no number of seconds; 0 is never` }]
      if (parameter !== `${time}.`) return []
      return [{ parameter, message: `after "${time}." comes the name of a rule or the token of a source` }]
    }
    if (own.includes(parameter) || Object.hasOwn(linkParameters, parameter)) return []
    const known = [...own, ...times.map((name) => `${name}.<rule or source>`), ...Object.keys(linkParameters)].join(
      ", "
    )
    return [
      { parameter, message: `a device of profile "${profile.name}" has no parameter "${parameter}"; it has ${known}` }
    ]
  })
}
