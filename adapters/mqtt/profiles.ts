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

/** Every profile of a directory that is MQTT's, or those wanted, by file name. Throws when it cannot be read. */
export const readProfileFiles = (
  directory: string,
  wanted?: files.Wanted
): ReadonlyArray<files.ReadProfile<CompiledProfile>> => files.readProfileFiles(forms, directory, wanted)

/** MQTT's profiles of a directory, or those named, that can be used, ready to run; and what is wrong with the others. */
export const readProfiles = (directory: string, names?: ReadonlyArray<string>) =>
  files.readProfiles(forms, directory, names)
