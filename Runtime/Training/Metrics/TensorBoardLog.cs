using System.Globalization;

namespace Graph.Training;

/// <summary>
/// Writes scalars to a TensorBoard event file. A run that is resumed opens one more file in the same folder, as TensorBoard expects;
/// an event at its beginning voids the steps that the run takes again. Every event reaches the operating system at once.
/// </summary>
public sealed class TensorBoardLog : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly FileStream _file;

    private TensorBoardLog(string folder, TimeProvider clock)
    {
        _clock = clock;
        try
        {
            Directory.CreateDirectory(folder);
            _file = Open(folder, clock.GetUtcNow());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new GraphException($"Cannot write an event file in {folder}: {e.Message}");
        }

        Write(EventMessage.Version(Now));
    }

    /// <summary>The event file.</summary>
    public string Path => _file.Name;

    /// <summary>Seconds since 1970, UTC.</summary>
    private double Now => (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    /// <summary>Starts a run in <paramref name="folder"/>, which is made where it is missing.</summary>
    /// <param name="folder">TensorBoard shows a folder as one run.</param>
    /// <param name="clock">The system's where left out.</param>
    /// <exception cref="GraphException">The file cannot be written.</exception>
    public static TensorBoardLog Create(string folder, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return new TensorBoardLog(folder, clock ?? TimeProvider.System);
    }

    /// <summary>Goes on with the run in <paramref name="folder"/>: what it logged after <paramref name="step"/> is void.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="step">The last step that the checkpoint contains.</param>
    /// <param name="clock">The system's where left out.</param>
    /// <exception cref="GraphException">The file cannot be written.</exception>
    public static TensorBoardLog Resume(string folder, long step, TimeProvider? clock = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        TensorBoardLog log = Create(folder, clock);
        log.Write(EventMessage.Restart(log.Now, step + 1));
        return log;
    }

    /// <summary>Adds the numbers of a step; TensorBoard keeps them as 32-bit floats.</summary>
    /// <exception cref="GraphException">The file cannot be written.</exception>
    public void Write(long step, params ReadOnlySpan<Scalar> values)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        Write(EventMessage.Scalars(Now, step, values));
    }

    public void Dispose() => _file.Dispose();

    /// <summary>TensorBoard reads the files of a folder in the order of their names, so the name begins with the time.</summary>
    private static FileStream Open(string folder, DateTimeOffset now)
    {
        for (int number = 0; ; number++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{now.ToUnixTimeSeconds():D10}.{Environment.MachineName}.{Environment.ProcessId}.{number}");
            string path = System.IO.Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                // Without a buffer: an event is one write.
                return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            }
        }
    }

    private void Write(ProtobufWriter message)
    {
        try
        {
            _file.Write(RecordFrame.Of(message.Written));
        }
        catch (IOException e)
        {
            throw new GraphException($"Cannot write {_file.Name}: {e.Message}");
        }
    }
}
