import type { Device } from "../../gateway/domain/campus.ts"
import type { CompiledProfile } from "./profile.ts"

type Parameters = Readonly<Record<string, string>>

/** What may stand in a topic: no wildcard, no capture, no NUL (MQTT 5, 1.5.4). */
const unfit = /[+#{}\0]/

/**
 * The values of a profile's parameters for a device: its own, else the profile's. A value that cannot stand in a topic
 * is left aside; `parameterProblems` tells of it.
 */
export const parametersOf = ({ file }: CompiledProfile, { parameters = {} }: Device): Parameters =>
  Object.fromEntries(
    Object.entries(file.parameters ?? {}).map(([name, standard]) => {
      const own = Object.hasOwn(parameters, name) ? parameters[name] : undefined
      return [name, own === undefined || unfit.test(own) ? standard : own]
    })
  )

/** What is wrong with the parameters of a device, in words, by the name of the parameter. */
export const parameterProblems = (
  { name: profile, file }: CompiledProfile,
  { parameters = {} }: Device
): ReadonlyArray<{ readonly parameter: string; readonly message: string }> =>
  Object.entries(parameters).flatMap(([parameter, value]) => {
    const known = Object.keys(file.parameters ?? {})
    if (!known.includes(parameter)) {
      const has = known.length === 0 ? "has none" : `has ${known.join(", ")}`
      return [{ parameter, message: `the profile "${profile}" has no parameter "${parameter}"; it ${has}` }]
    }
    return unfit.test(value) ? [{ parameter, message: `"${value}" cannot stand in a topic: leave out + # { }` }] : []
  })
