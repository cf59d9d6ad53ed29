"""`Server`: a web server of a spec's own, whose answers can be wrong.

This file runs in the namespace of a spec, after the harness's own helpers, and
may use them.
"""

import http.server
import threading
import urllib.parse

class Server:
    """Serves what `files` has, by path: bytes, or a map of how it is answered.

    - `body`: the bytes
    - `etag`: what stands for their version; such files are given in parts, too
    - `status`: another status than 200
    - `location`: where it is instead
    - `length`: what is said of the length, whatever it is; none if `None`
    - `cut`: how many bytes are sent before the connection ends
    - `stall`: how many bytes are sent before nothing happens any more
    - `times`: how many requests `cut` and `stall` are for
    - `before`: what is called once, before the body is sent. It runs beside the
      examples, and so may call none of the harness's helpers.
    - `pause`: how many seconds nothing is sent after the first half of the body

    `log` has the path of each request, and of what is asked for in parts also from
    where on.
    """

    def __init__(self, files=None):
        self.files = files or {}
        self.log = []
        self.done = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self)

            def do_CONNECT(self):
                outer.log.append(f"CONNECT {self.path}")
                self.send_error(403)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

    def stop(self):
        self.done.set()
        self.http.shutdown()
        self.http.server_close()

    def answer(self, request):
        path = urllib.parse.unquote(request.path.rsplit("/", 1)[-1])
        file = self.files.get(path, {"status": 404, "body": b"no such file"})
        if isinstance(file, bytes):
            file = {"body": file}
        body, start = file.get("body", b""), 0
        status = file.get("status", 200)
        asked = request.headers.get("Range")
        self.log.append(f"{path} {asked}" if asked else path)
        is_same = request.headers.get("If-Range") == file.get("etag")
        if asked and is_same and "status" not in file:
            start = int(asked[len("bytes="):].split("-")[0])
            status = 206 if start < len(body) else 416
        request.send_response(status)
        if "location" in file:
            request.send_header("Location", file["location"])
        if "etag" in file:
            request.send_header("ETag", file["etag"])
            request.send_header("Accept-Ranges", "bytes")
        if status == 206:
            request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        length = file.get("length", max(len(body) - start, 0))
        if length is not None:
            request.send_header("Content-Length", str(length))
        request.end_headers()
        if "before" in file:
            file.pop("before")()
        is_faulty = file.get("times", 1) > 0
        if is_faulty and ("cut" in file or "stall" in file):
            file["times"] = file.get("times", 1) - 1
            request.wfile.write(body[start:start + file.get("cut", file.get("stall"))])
            request.wfile.flush()
            if "stall" in file:
                self.done.wait(20)
        elif "pause" in file:
            half = len(body) // 2
            request.wfile.write(body[start:half])
            request.wfile.flush()
            self.done.wait(file["pause"])
            request.wfile.write(body[max(start, half):])
        else:
            request.wfile.write(body[start:])
        request.close_connection = True


def cached(name=None):
    """The paths in guild home of what was downloaded and unpacked, by name; or the
    one called `name`."""
    found = {}
    top = join_path(os.environ["GUILD_HOME"], "cache", "resources")
    for folder, _, files in os.walk(top):
        for file in files:
            found[file] = join_path(folder, file)
    return found.get(name) if name else sorted(name for name in found if name != ".guild-lock")


def digest_of(data):
    import hashlib

    return hashlib.sha256(data).hexdigest()


def tar_file(name, entries):
    """Writes a tar file. An entry is a name and bytes, or a `TarInfo`."""
    import io
    import tarfile

    with tarfile.open(name, "w:" + {"gz": "gz", "bz2": "bz2", "xz": "xz"}.get(name.rsplit(".")[-1], "")) as tar:
        for entry, data in entries:
            if isinstance(entry, str):
                info = tarfile.TarInfo(entry)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
            else:
                tar.addfile(entry)


def read_bytes(name):
    with open(name, "rb") as file:
        return file.read()
