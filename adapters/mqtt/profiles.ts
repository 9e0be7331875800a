import { Result } from "effect"
import * as files from "../profile/files.ts"
import { type CompiledProfile, compileProfile } from "./profile.ts"
import { parameterProblems } from "./profile-parameters.ts"
import { testProfile } from "./profile-tests.ts"

/** What MQTT adds to the language of profiles. */
export const mqttProfileForm: files.ProfileForm<CompiledProfile> = {
  protocol: "mqtt",
  compile: (name, decoded) =>
    Result.map(compileProfile(name, decoded), (profile) => ({
      profile,
      test: () => testProfile(profile),
      parameterProblems: (device) => parameterProblems(profile, device)
    }))
}

const forms = [mqttProfileForm]

/** Reads one of MQTT's profiles from its text; `file` names it in problems. */
export const readProfile = (file: string, text: string): files.ReadProfile<CompiledProfile> =>
  files.readProfile(forms, file, text)

/** Every profile of a directory that is MQTT's, by file name. Throws when the directory cannot be read. */
export const readProfileFiles = (directory: string): ReadonlyArray<files.ReadProfile<CompiledProfile>> =>
  files.readProfileFiles(forms, directory)

/** MQTT's profiles of a directory that can be used, and what is wrong with the others. */
export const readProfiles = (directory: string) => files.readProfiles(forms, directory)
