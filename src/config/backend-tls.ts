import * as v from "valibot";
import { TLS_NAME, TLS_NAME_WORDS } from "./check-tls.ts";
import { fileName } from "./file-name.ts";
import { named, optional, withDefault } from "./schema/keys.ts";
import { objectOf } from "./schema/shapes.ts";
import { at, text, yesOrNo } from "./schema/values.ts";

const keys = objectOf({
  ca: optional(
    "The file with the certificates of those who vouch for backends' certificates, as PEM.",
    fileName(),
    "those that the system believes",
  ),
  cert: optional(
    "The file with the certificate that backends are shown, and its chain, as PEM.",
    fileName(),
    "none",
  ),
  key: optional("The file with the key for it, as PEM.", fileName(), "none"),
  serverName: optional(
    "The name that backends are asked for, and their certificates for.",
    text(TLS_NAME_WORDS, TLS_NAME),
    "each one's host",
  ),
  verify: withDefault("Whether backends' certificates are checked; `false` believes any.", yesOrNo(), true),
});

/** How `https` backends are spoken to. */
export const backendTlsSchema = named(
  "BackendTlsConfig",
  "How `https` backends are spoken to, by requests and checks alike. The files are named from the folder of the config file.",
  v.pipe(
    keys,
    v.rawCheck<v.InferOutput<typeof keys>>(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { cert, key } = dataset.value;
      if ((cert === undefined) === (key === undefined)) return;
      const [present, absent] = key === undefined ? (["cert", "key"] as const) : (["key", "cert"] as const);
      addIssue({
        message: `found without ${absent}, expected both or neither`,
        ...at(dataset.value, present),
      });
    }),
  ),
);

/** The same, checked, with every default. */
export type BackendTlsRules = v.InferOutput<typeof backendTlsSchema>;
