using System.Buffers;
using System.Text.Json;

namespace Graph.Training;

/// <summary>
/// Writes <c>metrics.jsonl</c>: one JSON object a line, <c>{"step":50,"seconds":1.5,"train_loss":0.25}</c>. Every line reaches the
/// operating system at once, so that a run that is killed loses at most the line being written; <see cref="Resume"/> drops such a
/// torn line. JSON has no not-a-number and no infinities: these are written as <c>null</c>.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    private const string Step = "step";
    private const string Seconds = "seconds";

    private readonly string _path;
    private readonly FileStream _file;
    private readonly ArrayBufferWriter<byte> _line = new();

    private MetricsLog(string path, FileMode mode)
    {
        _path = path;
        try
        {
            // Without a buffer: a line is one write.
            _file = new FileStream(path, mode, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Unwritable(path, e);
        }
    }

    /// <summary>Starts a log; one that is already there is replaced.</summary>
    /// <exception cref="GraphException">The file cannot be written.</exception>
    public static MetricsLog Create(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new MetricsLog(path, FileMode.Create);
    }

    /// <summary>
    /// Goes on with a log, or starts one where there is none. Lines of steps after <paramref name="step"/> are dropped: the resumed
    /// run takes these steps again. The shortened file replaces the old one in one move.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="step">The last step that the checkpoint contains.</param>
    /// <exception cref="GraphException">The file cannot be read or written, or a line of it is not a JSON object with a step.</exception>
    public static MetricsLog Resume(string path, long step)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        byte[] old = Read(path);
        byte[] kept = Keep(old, step, path);
        if (kept.Length != old.Length)
        {
            WholeFile.Write(path, stream => stream.Write(kept));
        }

        return new MetricsLog(path, FileMode.Append);
    }

    /// <summary>Adds a line.</summary>
    /// <param name="step">Optimiser steps taken.</param>
    /// <param name="seconds">Since the beginning of the run.</param>
    /// <param name="values">The line's numbers; <c>step</c> and <c>seconds</c> are taken names.</param>
    /// <exception cref="GraphException">The file cannot be written.</exception>
    public void Write(long step, double seconds, params ReadOnlySpan<Scalar> values)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteNumber(Step, step);
            WriteNumber(json, Seconds, seconds);
            foreach (Scalar value in values)
            {
                if (value.Name is Step or Seconds)
                {
                    throw new ArgumentException($"A metric may not be named '{value.Name}'.", nameof(values));
                }

                WriteNumber(json, value.Name, value.Value);
            }

            json.WriteEndObject();
        }

        _line.Write("\n"u8);
        try
        {
            _file.Write(_line.WrittenSpan);
        }
        catch (IOException e)
        {
            throw Unwritable(_path, e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static byte[] Read(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllBytes(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new GraphException($"Cannot read {path}: {e.Message}");
        }
    }

    private static byte[] Keep(ReadOnlySpan<byte> old, long step, string path)
    {
        var kept = new ArrayBufferWriter<byte>(Math.Max(1, old.Length));
        ReadOnlySpan<byte> rest = old;
        for (int number = 1; rest.IndexOf((byte)'\n') is >= 0 and int end; number++)
        {
            ReadOnlySpan<byte> line = rest[..(end + 1)];
            if (StepOf(line, path, number) <= step)
            {
                kept.Write(line);
            }

            rest = rest[(end + 1)..];
        }

        return kept.WrittenSpan.ToArray();
    }

    private static long StepOf(ReadOnlySpan<byte> line, string path, int number)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using JsonDocument json = JsonDocument.ParseValue(ref reader);
            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty(Step, out JsonElement step)
                && step.ValueKind == JsonValueKind.Number
                && step.TryGetInt64(out long value))
            {
                return value;
            }
        }
        catch (JsonException)
        {
            // Reported below, with what was expected instead of the parser's offset.
        }

        throw new GraphException($"{path}:{number}: step, expected a JSON object with a whole number of that name");
    }

    private static GraphException Unwritable(string path, Exception e) => new($"Cannot write {path}: {e.Message}");
}
