-- What wrk sends, by the script's first argument, and its report as one line of JSON with the exact numbers.
--
--   get         as the command line says
--   post        1 KiB
--   pipelined   sixteen requests at a time
--   closing     asks in each request for the connection to be closed
--   some        asks for it in every tenth request

local threads = {}

function setup(thread)
    table.insert(threads, thread)
end

function init(arguments)
    local mode = arguments[1]
    if mode == "post" then
        wrk.method = "POST"
        wrk.body = string.rep("0123456789abcdef", 64)
        wrk.headers["Content-Type"] = "application/octet-stream"
    elseif mode == "closing" then
        wrk.headers["Connection"] = "close"
    elseif mode == "pipelined" then
        local requests = string.rep(wrk.format(), 16)
        request = function() return requests end
    elseif mode == "some" then
        local open = wrk.format()
        wrk.headers["Connection"] = "close"
        local closing = wrk.format()
        local count = 0
        request = function()
            count = count + 1
            return count % 10 == 0 and closing or open
        end
    end
    -- Made once where it never changes, so that no request costs the generator any Lua.
    if mode ~= "pipelined" and mode ~= "some" then
        local made = wrk.format()
        wrk.request = function() return made end
    end
end

function done(summary, latency, requests)
    local errors = summary.errors
    local percentiles = {}
    for _, percent in ipairs({ 0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99 }) do
        table.insert(percentiles, string.format("[%g,%d]", percent, latency:percentile(percent)))
    end
    io.write(string.format(
        '\n{"requests":%d,"bytes":%d,"microseconds":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d,'
            .. '"status":%d,"percentiles":[%s],"maximum":%d}\n',
        summary.requests, summary.bytes, summary.duration, errors.connect, errors.read, errors.write, errors.timeout,
        errors.status, table.concat(percentiles, ","), latency.max))
end
