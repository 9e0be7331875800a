import { Result } from "effect"
import * as files from "../../profile/files.ts"
import { parameterProblems } from "./parameters.ts"
import { compileProfile, type OpcuaProfile } from "./profile.ts"
import { testProfile } from "./profile-tests.ts"

/** What OPC UA adds to the language of profiles. */
export const opcuaProfileForm: files.ProfileForm<OpcuaProfile> = {
  protocol: "opcua",
  compile: (name, decoded) =>
    Result.map(compileProfile(name, decoded), (profile) => ({
      profile,
      test: () => testProfile(profile),
      parameterProblems: (device) => parameterProblems(profile, device)
    }))
}

const forms = [opcuaProfileForm]

/** Every profile of a directory that is OPC UA's, by file name. Throws when the directory cannot be read. */
export const readOpcuaProfileFiles = (directory: string): ReadonlyArray<files.ReadProfile<OpcuaProfile>> =>
  files.readProfileFiles(forms, directory)

/** OPC UA's profiles of a directory, or those named, that can be used, ready to run; and what is wrong with the others. */
export const readOpcuaProfiles = (directory: string, names?: ReadonlyArray<string>) =>
  files.readProfiles(forms, directory, names)
