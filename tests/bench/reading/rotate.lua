-- For wrk: POSTs the bodies of a file, a line each, round and round; and tells what came of it in a line of JSON.
-- Arguments: the file, then the value of `Authorization` if there is to be one.
local requests, next_one = {}, 0
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Accept"] = "application/json"
  if args[2] then wrk.headers["Authorization"] = args[2] end
  for line in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, nil, line)
  end
  failed, failure = 0, ""
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function response(status, headers, body)
  if status ~= 200 or body:find('"errors"', 1, true) then
    failed = failed + 1
    failure = status .. " " .. body:sub(1, 300)
  end
end

function done(summary, latency)
  local count, last = 0, ""
  for _, thread in ipairs(threads) do
    count = count + thread:get("failed")
    last = thread:get("failure")
  end
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.stderr:write(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d}\n%s\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    count + broken, last
  ))
end
