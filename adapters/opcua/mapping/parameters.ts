import type { Device } from "../../../gateway/domain/campus.ts"
import {
  type ParameterProblem,
  parameterProblems as sharedProblems,
  type Parameters,
  parametersOf
} from "../../profile/parameters.ts"
import { sourcesOf } from "./normalize-sources.ts"
import type { OpcuaProfile } from "./profile.ts"

/** Which parameter a problem is about: one that it names as missing, or else the address. */
const parameterIn = (message: string, parameters: Parameters): string =>
  Object.keys(parameters).find((name) => message.includes(`{${name}}`)) ?? "address"

/** What is wrong with the parameters of a device, or with its address, by the profile; in words. */
export const parameterProblems = (profile: OpcuaProfile, device: Device): ReadonlyArray<ParameterProblem> => {
  const problems = sharedProblems(profile, device)
  if (problems.length > 0) return problems
  const parameters = parametersOf(profile, device)
  return sourcesOf(profile, device, parameters).problems.map((message) => ({
    parameter: parameterIn(message, parameters),
    message
  }))
}
