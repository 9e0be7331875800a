import { Flag } from "effect/cli"
import { configFlag } from "./usual-config.ts"

/** A text that may be left out. */
export const textFlag = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

/** What every `discover` takes. */
export const discoverFlags = {
  config: configFlag,
  write: Flag.String("write").pipe(
    Flag.withMetavar("file"),
    Flag.withDescription(
      "Add what is not configured yet, disabled; default: discovered.yaml in the configuration's directory"
    ),
    Flag.withOptionalValue(""),
    Flag.optional
  ),
  json: Flag.Boolean("json").pipe(Flag.withDescription("One JSON object a line"), Flag.withDefault(false))
}
