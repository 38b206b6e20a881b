import { expect, test } from "bun:test";
import { type HostPattern, matchesHost, readHostPattern } from "../../src/config/host-pattern.ts";

test.each<[string, string[], string[]]>([
  ["a.example", ["a.example"], ["b.a.example", "example", ""]],
  ["A.Example.", ["a.example"], []],
  ["*.example.com", ["a.example.com", "a.b.example.com"], ["example.com", ".example.com", "aexample.com"]],
  ["[::1]", ["[::1]"], ["::1"]],
  ["127.0.0.1", ["127.0.0.1"], []],
  ["my_service", ["my_service"], []],
  ["b\xfccher.example", ["xn--bcher-kva.example"], []],
  ["*.b\xfccher.example", ["a.xn--bcher-kva.example"], []],
])("%s matches %j and not %j", (text, those, others) => {
  const pattern = readHostPattern(text) as HostPattern;
  expect(those.filter((host) => !matchesHost(pattern, host))).toEqual([]);
  expect(others.filter((host) => matchesHost(pattern, host))).toEqual([]);
});

const A_HOST = "a host such as api.example.com or *.example.com";

test.each([
  ["", A_HOST],
  ["http://a", A_HOST],
  ["a b", A_HOST],
  ["a..b", A_HOST],
  ["::1", A_HOST],
  ["u@b\xfccher.example", A_HOST],
  ["b\xfccher.example/a", A_HOST],
  ["*.", A_HOST],
  ["a:80", "a host without its port"],
  ["[::1]:80", "a host without its port"],
  ["*", "a name behind the *, as in *.example.com; a route without host is for all of them"],
  ["a.*.b", "a * only in place of the first names, as in *.example.com"],
  ["*.*.b", "a * only in place of the first names, as in *.example.com"],
  ["*b", "a * only in place of the first names, as in *.example.com"],
])("%p is none, but should be %s", (text, expected) => {
  expect(readHostPattern(text)).toBe(expected);
});
