-- What wrk sends, and its own figures as one line of JSON, exact where its text is rounded. The arguments are
-- the file that holds one request, byte for byte, and how many of them go out at once. What is to be sent is
-- made once: no Lua runs while the load does.
function init(args)
  local file = assert(io.open(args[1], "rb"))
  local requests = file:read("*a"):rep(tonumber(args[2]))
  file:close()
  wrk.format = function() return requests end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'SUMMARY {"requests":%d,"bytes":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,' ..
    '"errors":{"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}}\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
