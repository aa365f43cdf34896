namespace Graph.Training;

/// <summary>
/// A file that grows under a temporary name beside its place and gets its own name on <see cref="Commit"/>, so that a broken run leaves no
/// half file; disposing it before that deletes it.
/// </summary>
public sealed class PendingFile : IDisposable
{
    private const int BufferBytes = 1 << 16;

    private readonly string _path;
    private readonly string _temporary;
    private bool _committed;

    /// <param name="path">The file's own name.</param>
    /// <exception cref="GraphException">The file cannot be written.</exception>
    public PendingFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
        _temporary = $"{path}.{Environment.ProcessId}.tmp";
        FileStream? stream = null;
        Guard(() => stream = new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes));
        Stream = stream!;
    }

    public FileStream Stream { get; }

    /// <summary>Flushes to disk and renames, replacing a file of that name.</summary>
    /// <exception cref="GraphException">The disk refused; an existing file is then unchanged.</exception>
    public void Commit()
    {
        Guard(() =>
        {
            Stream.Flush(flushToDisk: true);
            Stream.Dispose();
            File.Move(_temporary, _path, overwrite: true);
        });
        _committed = true;
    }

    /// <summary>Does something with the file; what goes wrong becomes one sentence.</summary>
    /// <exception cref="GraphException">It went wrong.</exception>
    public void Guard(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new GraphException($"Cannot write {_path}: {e.Message}");
        }
    }

    public void Dispose()
    {
        if (_committed)
        {
            return;
        }

        try
        {
            Stream.Dispose();
            File.Delete(_temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The write already failed for a reason that is on its way up; a leftover temporary file must not hide it.
        }
    }
}
