using System.Text.Json;
using Graph.Execution;
using Graph.Training;

namespace Graph.Inspect;

/// <summary>What the compiler decided for one model, size and batch.</summary>
/// <param name="program">The model.</param>
/// <param name="bytes">That it takes where it runs.</param>
internal sealed class Report(CompiledProgram program, long bytes)
{
    private readonly PlanTable plan = program.Table;

    private int Tokens => program.States.Count > 0 ? program.States[0].Port.Shape[1] : 1;

    /// <summary>Bytes besides the activation arena: weights, gradients, copies of weights, and scratch, which on a device grows with the batch.</summary>
    private long FixedBytes => bytes - (BytesPerSample * program.Batch);

    private long BytesPerSample => 4 * plan.FloatsPerSample;

    /// <summary>Forward work of a whole step (all turns), per token.</summary>
    private double ForwardPerToken => StepWork.Inference(plan) / Tokens;

    private double TrainingPerToken => StepWork.Training(plan) / Tokens;

    public void Write(TextWriter output)
    {
        output.WriteLine($"{program.Name}.{program.Size}, batch {program.Batch}");
        output.WriteLine();
        output.WriteLine("Graph (kept: saved for backward)");
        foreach (var line in plan.GraphLines)
        {
            output.WriteLine("  " + line);
        }

        output.WriteLine();
        output.WriteLine("Parameters");
        foreach (var parameter in program.Parameters)
        {
            output.WriteLine($"  {parameter.Name,-52} {string.Join(" x ", parameter.Shape),-14} {parameter.Count,12:N0}  {parameter.Init}");
        }

        output.WriteLine($"  {"total",-67} {program.ParameterCount,12:N0}");
        output.WriteLine();
        output.WriteLine("Work per node (parameters are counted at each node that shares them)");
        output.WriteLine($"  {"phase",-8}{"node",-36}{"operator",-22}{"turns",6}{"kFLOP/token",14}{"parameters",12}");
        foreach (var work in plan.WorkEntries.Where(w => w.Flops > 0 || w.Parameters > 0))
        {
            output.WriteLine($"  {work.Phase,-8}{work.Node,-36}{work.Operator,-22}{work.Turns,6}{work.Flops / 1e3 / Tokens,14:N1}{work.Parameters,12:N0}");
        }

        output.WriteLine($"  step, per token: forward {ForwardPerToken / 1e6:N1} MFLOP, training {TrainingPerToken / 1e6:N1} MFLOP");
        output.WriteLine();
        output.WriteLine("Memory plan (activation arena; sizes and offsets in floats of 4 bytes)");
        output.WriteLine($"  {"tensor",-40}{"kind",-8}{"as",-6}{"per sample",12}{"turns",7}{"offset",14}  alive");
        foreach (var entry in plan.Entries)
        {
            output.WriteLine($"  {entry.Name,-40}{entry.Kind,-8}{(entry.Rounded ? "bf16" : ""),-6}{entry.PerSample,12:N0}{entry.Turns,7}{entry.Offset,14:N0}  {entry.Lifetime}");
        }

        output.WriteLine($"  peak bytes = {FixedBytes:N0} + {BytesPerSample:N0} * batch = {FixedBytes + (BytesPerSample * program.Batch):N0} at batch {program.Batch} (weights, gradients, packed weights, scratch of this batch, activations)");
    }

    public void WriteJson(TextWriter output)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("model", program.Name);
            json.WriteString("size", program.Size);
            json.WriteNumber("batch", program.Batch);
            json.WriteNumber("parameters", program.ParameterCount);
            json.WriteNumber("forward_flops_per_token", ForwardPerToken);
            json.WriteNumber("training_flops_per_token", TrainingPerToken);
            json.WriteNumber("fixed_bytes", FixedBytes);
            json.WriteNumber("bytes_per_sample", BytesPerSample);
            json.WriteNumber("peak_bytes", FixedBytes + (BytesPerSample * program.Batch));
            json.WriteEndObject();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }
}
