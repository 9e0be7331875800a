import { Result } from "effect"
import * as files from "../../profile/files.ts"
import { parameterProblems } from "./parameters.ts"
import { compileProfile, linkProfile, type OnvifProfile } from "./profile.ts"
import { testProfile } from "./profile-tests.ts"

const usable = (profile: OnvifProfile): files.Usable<OnvifProfile> => ({
  profile,
  test: () => testProfile(profile),
  parameterProblems: (device) => parameterProblems(profile, device)
})

/** What ONVIF adds to the language of profiles. */
export const onvifProfileForm: files.ProfileForm<OnvifProfile> = {
  protocol: "onvif",
  buildsOnOthers: true,
  compile: (name, decoded) =>
    Result.map(compileProfile(name, decoded), (profile) => ({
      ...usable(profile),
      link: (named) => Result.map(linkProfile(profile, named), usable)
    }))
}

const forms = [onvifProfileForm]

/** Every profile of a directory that is ONVIF's, by file name. Throws when the directory cannot be read. */
export const readOnvifProfileFiles = (directory: string): ReadonlyArray<files.ReadProfile<OnvifProfile>> =>
  files.readProfileFiles(forms, directory)

/** ONVIF's profiles of a directory, or those named, that can be used, ready to run; and what is wrong with the others. */
export const readOnvifProfiles = (directory: string, names?: ReadonlyArray<string>) =>
  files.readProfiles(forms, directory, names)
