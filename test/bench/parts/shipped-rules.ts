import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { parse } from "yaml"
import type { Rule } from "../../../gateway/domain/rule.ts"
import { RulePack } from "../../../gateway/settings/packs.ts"

/** Every rule that is shipped, all packs on. */
export const shippedRules = (directory = "config/rules"): ReadonlyArray<Rule> =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".yaml"))
    .flatMap(
      (name): ReadonlyArray<Rule> =>
        Schema.decodeUnknownSync(RulePack)(parse(readFileSync(join(directory, name), "utf8"))).rules
    )
