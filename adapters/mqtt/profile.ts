import { Result } from "effect"
import { Compiler, type Compiled, decodeProfile, type Profile, type ProfileIssue } from "../profile/compile.ts"
import { type Available, type Losing, ProfileFile } from "./profile-file.ts"
import { parseTopic } from "./profile-topic.ts"

/** One of MQTT's profiles, ready to run. */
export interface CompiledProfile extends Profile {
  readonly protocol: "mqtt"
  readonly file: ProfileFile
  readonly gaps: ReadonlyArray<Compiled<Losing>>
  readonly availability: ReadonlyArray<Compiled<Available>>
  /** Whether an empty payload tells it anything. */
  readonly readsEmpty: boolean
}

class MqttCompiler extends Compiler {
  readonly file: ProfileFile

  constructor(file: ProfileFile) {
    super()
    this.file = file
  }

  each(): void {
    const { each, readings, occurrences, gaps } = this.file
    if (each === undefined) return
    for (const [section, mappings] of Object.entries({ readings, occurrences, gaps }))
      mappings?.forEach((mapping, index) => {
        if (mapping.each !== undefined)
          this.fail([section, index, "each"], "the profile explodes each message already: keep one of the two")
      })
  }

  topic(text: string, path: ProfileIssue["path"]): void {
    const pattern = parseTopic(text, this.file.parameters)
    if (typeof pattern === "string") this.fail(path, pattern)
  }

  addresses(): void {
    const { file } = this
    const hasAddress = (text: string): boolean => {
      const pattern = parseTopic(text, file.parameters)
      return typeof pattern !== "object" || pattern.parts.some((part) => part.is !== "word" && part.name === "address")
    }
    file.topics.forEach((topic, index) => {
      this.topic(topic, ["topics", index])
      if (file.device === undefined && !hasAddress(topic))
        this.fail(["topics", index], 'a topic needs "{address}", or the profile "device: {path: ...}"')
    })
    file.exclude?.forEach((topic, index) => this.topic(topic, ["exclude", index]))
    file.device?.codes?.forEach((name, index) => {
      if (file.parameters?.[name] === undefined)
        this.fail(["device", "codes", index], `"${name}" is not among the profile's parameters`)
    })
  }

  availability(): void {
    this.file.availability?.forEach((mapping, index) => {
      const { topic, address, values, is } = mapping
      const path = ["availability", index]
      if ((values === undefined) === (is === undefined)) this.fail(path, "it needs either values or is")
      if (topic === undefined) return
      this.topic(topic, [...path, "topic"])
      if (address === undefined && !/\{address(\.\.\.|!)?\}/.test(topic))
        this.fail([...path, "topic"], 'needs "{address}" in the topic, or "address:"')
    })
  }

  payload(): void {
    if ((this.file.payload === "csv") !== (this.file.columns !== undefined))
      this.fail(["payload"], "a csv payload needs columns, and nothing else has them")
  }
}

const compile = (name: string, file: ProfileFile, compiler: MqttCompiler): CompiledProfile => {
  const profile: CompiledProfile = {
    name,
    protocol: "mqtt",
    file,
    ...compiler.profile(file),
    availability: compiler.mappings<Available>(file.availability, "availability"),
    readsEmpty: (file.readings ?? []).some(({ empty }) => empty !== undefined)
  }
  compiler.each()
  compiler.addresses()
  compiler.availability()
  compiler.payload()
  return profile
}

/** Makes a profile ready to run, or says all that is wrong with it. `decoded` is what the file holds. */
export const compileProfile = (
  name: string,
  decoded: unknown
): Result.Result<CompiledProfile, ReadonlyArray<ProfileIssue>> => {
  const file = decodeProfile(ProfileFile, decoded)
  if (Result.isFailure(file)) return Result.fail(file.failure)
  const compiler = new MqttCompiler(file.success)
  const profile = compile(name, file.success, compiler)
  return compiler.issues.length > 0 ? Result.fail(compiler.issues) : Result.succeed(profile)
}
