import type { Device } from "../../gateway/domain/campus.ts"
import type { Profile } from "./compile.ts"

/** The values of a profile's parameters, by name. */
export type Parameters = Readonly<Record<string, string>>

/** The values of a profile's parameters for a device: its own, else the profile's; one that does not fit is left aside. */
export const parametersOf = (
  { file }: Pick<Profile, "file">,
  { parameters = {} }: Device,
  fits: (value: string) => boolean = () => true
): Parameters =>
  Object.fromEntries(
    Object.entries(file.parameters ?? {}).map(([name, standard]) => {
      const own = Object.hasOwn(parameters, name) ? parameters[name] : undefined
      return [name, own === undefined || !fits(own) ? standard : own]
    })
  )

/** What is wrong with a parameter of a device, in words. */
export interface ParameterProblem {
  readonly parameter: string
  readonly message: string
}

/** What is wrong with the parameters of a device. */
export const parameterProblems = (
  { name: profile, file }: Pick<Profile, "name" | "file">,
  { parameters = {} }: Device,
  misfit: (value: string) => string | undefined = () => undefined
): ReadonlyArray<ParameterProblem> =>
  Object.entries(parameters).flatMap(([parameter, value]) => {
    const known = Object.keys(file.parameters ?? {})
    if (!known.includes(parameter)) {
      const has = known.length === 0 ? "has none" : `has ${known.join(", ")}`
      return [{ parameter, message: `the profile "${profile}" has no parameter "${parameter}"; it ${has}` }]
    }
    const message = misfit(value)
    return message === undefined ? [] : [{ parameter, message }]
  })
