-- Ask the addresses of a file one after the other; at the end say in JSON what was seen.
local asked = {}
local at = 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    asked[#asked + 1] = wrk.format("GET", line)
  end
end

function request()
  at = at % #asked + 1
  return asked[at]
end

function done(summary, latency)
  local bad = summary.errors
  local wrong = bad.connect + bad.read + bad.write + bad.status + bad.timeout
  io.write(string.format('\n{"requests": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, "wrong": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), wrong))
end
