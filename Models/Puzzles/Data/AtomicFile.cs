namespace Graph.Models.Puzzles;

/// <summary>Writes a file under a temporary name beside its place and renames it when it is complete, so that a broken run leaves no half file.</summary>
internal static class AtomicFile
{
    private const int Buffer = 1 << 16;

    /// <exception cref="GraphException">The file cannot be written; an existing one is then unchanged.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        using var file = new Pending(path);
        file.Guard(() => write(file.Stream));
        file.Commit();
    }

    /// <summary>Removes a file where it exists.</summary>
    /// <exception cref="GraphException">It cannot be removed.</exception>
    public static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GraphException($"{path}: cannot be replaced: {e.Message}");
        }
    }

    /// <summary>A file that grows over many calls; disposing it before <see cref="Commit"/> deletes it.</summary>
    internal sealed class Pending : IDisposable
    {
        private readonly string path;
        private readonly string temporary;
        private bool committed;

        public Pending(string path)
        {
            this.path = path;
            temporary = $"{path}.{Environment.ProcessId}.tmp";
            FileStream? stream = null;
            Guard(() => stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, Buffer));
            Stream = stream!;
        }

        public FileStream Stream { get; }

        public void Commit()
        {
            Guard(() =>
            {
                Stream.Flush(flushToDisk: true);
                Stream.Dispose();
                File.Move(temporary, path, overwrite: true);
            });
            committed = true;
        }

        /// <summary>Does something with the file; what goes wrong becomes one sentence.</summary>
        public void Guard(Action action)
        {
            try
            {
                action();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                throw new GraphException($"{path}: cannot be written: {e.Message}");
            }
        }

        public void Dispose()
        {
            if (committed)
            {
                return;
            }

            try
            {
                Stream.Dispose();
                File.Delete(temporary);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The write already failed for a reason that is on its way up; a leftover temporary file must not hide it.
            }
        }
    }
}
