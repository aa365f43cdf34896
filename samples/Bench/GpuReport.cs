using System.Diagnostics;
using Graph.Execution;
using Graph.Execution.Ilgpu;
using Graph.Models;

namespace Graph.Bench;

/// <summary>
/// The roofline of a training step on a GPU: for each kernel what it computes and moves, how long an H100 needs for that at least, and,
/// where a device is given, how long it took there.
/// </summary>
internal static class GpuReport
{
    /// <summary>H100 SXM data sheet: float32 outside tensor cores, and HBM3.</summary>
    private const double H100Flops = 67e12;

    /// <summary>The same data sheet: bfloat16 on tensor cores, without sparsity.</summary>
    private const double H100TensorFlops = 989e12;

    private const double H100Bytes = 3.35e12;

    /// <summary>What a launch costs at least on an asynchronous stream.</summary>
    private const double LaunchSeconds = 2.5e-6;

    /// <param name="model">One of <see cref="ShippedModels.Names"/>.</param>
    /// <param name="size">One of <see cref="ShippedModels.Sizes"/>.</param>
    /// <param name="batch">Samples a step.</param>
    /// <param name="id">A device; the CPU for the expectation alone.</param>
    /// <param name="bfloat16">Products on tensor cores.</param>
    /// <param name="output">Takes the table.</param>
    public static void Run(string model, string size, int batch, string id, bool bfloat16, TextWriter output)
    {
        using var gpu = Devices.Open(id) as GpuDevice;
        if (gpu is not null && bfloat16)
        {
            gpu.Bfloat16 = true;
        }

        var (expected, _) = Step(model, size, batch, new QueueDevice("count", _ => new CountingQueue(), gpu?.Bfloat16 ?? bfloat16), 0);
        if (gpu is null)
        {
            Write(output, $"{model} {size}, batch {batch}: training step, expected on an H100", expected, null);
            return;
        }

        const int Warm = 3;
        var (kernels, seconds) = Step(model, size, batch, gpu, Warm);
        Write(output, $"{model} {size}, batch {batch}: training step on {gpu.Name}, {seconds * 1e3:F1} ms (queued); each kernel waited for", expected, kernels);
    }

    private static (List<KernelWork> Kernels, double Seconds) Step(string model, string size, int batch, Device device, int steps)
    {
        using var program = (CompiledProgram)ShippedModels.Create(model, size, batch, device: device);
        Training.Initializer.Fill(program, 1);
        program.Ints(program.Ports["tokens"]).Fill(1);
        program.Ints(program.Ports["labels"]).Fill(1);
        var queue = program.Memory.Gpu!;
        var seconds = double.MaxValue;
        if (device is not QueueDevice)
        {
            // Once to compile the kernels, then the fastest without waiting in between.
            program.Step(gradient: true);
            for (var i = 0; i < steps; i++)
            {
                var start = Stopwatch.GetTimestamp();
                program.Step(gradient: true);
                queue.Synchronize();
                seconds = Math.Min(seconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            queue.Profile = new KernelProfile();
        }

        queue.Profile!.Clear();
        program.Step(gradient: true);
        return ([.. queue.Profile.Kernels], seconds);
    }

    private static void Write(TextWriter output, string title, List<KernelWork> expected, List<KernelWork>? measured)
    {
        output.WriteLine(title);
        var whole = measured?.Sum(k => k.Seconds) ?? 0;

        // What only CUDA's driver says.
        var known = measured is not null && measured.Any(k => k.Resources.Registers > 0);
        output.WriteLine($"{"kernel",-44}{"launches",9}{"GFLOP",10}{"MB",10}{"bound",9}{"H100 ms",10}{(measured is null ? "" : $"{"ms",10}{"GFLOP/s",10}{"GB/s",8}{"share",8}")}{(known ? $"{"registers",11}{"spilled",9}" : "")}");
        foreach (var kernel in (measured ?? expected).OrderByDescending(k => measured is null ? Bound(k) : k.Seconds))
        {
            output.Write($"{kernel.Name,-44}{kernel.Launches,9:N0}{kernel.Flops / 1e9,10:N2}{kernel.Bytes / 1e6,10:N1}{(kernel.Flops / Peak(kernel) > kernel.Bytes / H100Bytes ? "compute" : "memory"),9}{Bound(kernel) * 1e3,10:F3}");
            output.Write(measured is null ? "" : $"{kernel.Seconds * 1e3,10:F2}{kernel.Flops / kernel.Seconds / 1e9,10:N1}{kernel.Bytes / kernel.Seconds / 1e9,8:N1}{kernel.Seconds / whole,8:P1}");
            output.WriteLine(known ? $"{kernel.Resources.Registers,11}{kernel.Resources.SpilledBytes,9}" : "");
        }

        output.WriteLine($"{"all",-44}{expected.Sum(k => k.Launches),9:N0}{expected.Sum(k => k.Flops) / 1e9,10:N2}{expected.Sum(k => k.Bytes) / 1e6,10:N1}{"",9}{expected.Sum(Bound) * 1e3,10:F3}{(measured is null ? "" : $"{whole * 1e3,10:F2}")}");
        output.WriteLine($"H100 ms: the larger of operations over {H100Flops / 1e12:N0} TFLOP/s (float32; {H100TensorFlops / 1e12:N0} for TensorCore kernels) and bytes over {H100Bytes / 1e12:N2} TB/s, and at least {LaunchSeconds * 1e6:N1} us a launch.");
    }

    private static double Bound(KernelWork kernel) => Math.Max(kernel.Launches * LaunchSeconds, Math.Max(kernel.Flops / Peak(kernel), kernel.Bytes / H100Bytes));

    /// <summary>By the names of the classes that use tensor cores.</summary>
    private static double Peak(KernelWork kernel) => kernel.Name.StartsWith("TensorCore", StringComparison.Ordinal) ? H100TensorFlops : H100Flops;
}
