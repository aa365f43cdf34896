namespace Graph.Training;

/// <summary>Writes files that appear under their name only when they are complete.</summary>
public static class WholeFile
{
    private const int BufferBytes = 1 << 16;

    /// <summary>Writes a temporary neighbour, flushes it to disk and renames it, replacing a file of that name at the very end.</summary>
    /// <exception cref="GraphException">The file cannot be written; an existing file is then unchanged.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new GraphException($"Cannot write {path}: {e.Message}");
        }
        finally
        {
            DeleteIfLeft(temporary);
        }
    }

    private static void DeleteIfLeft(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The write already failed or succeeded on its own; a leftover temporary file must not hide that outcome.
        }
    }
}
